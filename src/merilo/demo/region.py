"""The demonstration region: Приморский край with its municipalities, invented schools and people.

Names of municipalities are real (kinds as known in 2025, to be checked against the register);
schools, addresses, telephones and people are invented.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from merilo.admissions.rules import name_key
from merilo.law.refusal import _
from merilo.registry import queries, steps
from merilo.registry.access import Role, Viewer
from merilo.registry.models import (
    Account,
    Organisation,
    OrganisationFunction,
    Person,
    Position,
    Room,
    Territory,
    TestingArea,
    TestingPlace,
)
from merilo.registry.rules import Function, Ownership, TerritoryKind, search_key
from merilo.web.training.people import PASSWORD, PEOPLE

from .names import a_teacher

OPENED = date(2025, 1, 9)
URBAN, DISTRICT, OKRUG = (
    TerritoryKind.URBAN_DISTRICT,
    TerritoryKind.MUNICIPAL_DISTRICT,
    TerritoryKind.MUNICIPAL_OKRUG,
)

# name, kind, town, schools to invent, whether it has a testing organisation
MUNICIPALITIES: tuple[tuple[str, TerritoryKind, str, int, bool], ...] = (
    ("Владивостокский", URBAN, "Владивосток", 9, True),
    ("Уссурийский", URBAN, "Уссурийск", 5, True),
    ("Находкинский", URBAN, "Находка", 4, True),
    ("Артёмовский", URBAN, "Артём", 4, True),
    ("Арсеньевский", URBAN, "Арсеньев", 2, True),
    ("Большой Камень", URBAN, "Большой Камень", 2, False),
    ("Дальнегорский", URBAN, "Дальнегорск", 1, False),
    ("Дальнереченский", URBAN, "Дальнереченск", 2, True),
    ("Лесозаводский", URBAN, "Лесозаводск", 2, False),
    ("Партизанский", URBAN, "Партизанск", 2, False),
    ("Спасск-Дальний", URBAN, "Спасск-Дальний", 2, True),
    ("Фокино", URBAN, "Фокино", 1, False),
    ("Анучинский", OKRUG, "с. Анучино", 1, False),
    ("Дальнереченский", DISTRICT, "с. Рождественка", 1, False),
    ("Кавалеровский", OKRUG, "пгт Кавалерово", 1, False),
    ("Кировский", DISTRICT, "пгт Кировский", 1, False),
    ("Красноармейский", OKRUG, "с. Новопокровка", 1, False),
    ("Лазовский", OKRUG, "с. Лазо", 1, False),
    ("Михайловский", DISTRICT, "с. Михайловка", 2, False),
    ("Надеждинский", DISTRICT, "с. Вольно-Надеждинское", 2, True),
    ("Октябрьский", OKRUG, "с. Покровка", 1, False),
    ("Ольгинский", OKRUG, "пгт Ольга", 1, False),
    ("Партизанский", OKRUG, "с. Владимиро-Александровское", 1, False),
    ("Пограничный", OKRUG, "пгт Пограничный", 1, False),
    ("Пожарский", OKRUG, "пгт Лучегорск", 1, False),
    ("Спасский", DISTRICT, "с. Спасское", 1, False),
    ("Тернейский", OKRUG, "пгт Терней", 1, False),
    ("Ханкайский", OKRUG, "с. Камень-Рыболов", 1, False),
    ("Хасанский", OKRUG, "пгт Славянка", 1, False),
    ("Хорольский", OKRUG, "с. Хороль", 1, False),
    ("Черниговский", OKRUG, "с. Черниговка", 1, False),
    ("Чугуевский", OKRUG, "с. Чугуевка", 1, False),
    ("Шкотовский", OKRUG, "пгт Смоляниново", 1, False),
    ("Яковлевский", OKRUG, "с. Яковлевка", 1, False),
)
KIND_WORDS = {
    URBAN: "городской округ",
    DISTRICT: "муниципальный район",
    OKRUG: "муниципальный округ",
}
STREETS = ("Школьная", "Морская", "Лазо", "Комсомольская", "Пушкинская", "Набережная", "Чехова")


@dataclass
class Centre:
    """A testing organisation with its place, rooms and commission people."""

    organisation: Organisation
    place: TestingPlace
    rooms: list[Room]
    clerk: Viewer
    chair: Viewer
    people: list[Viewer] = field(default_factory=list)  # conductors, experts, technician
    schools: list[Organisation] = field(default_factory=list)


@dataclass
class World:
    region: Territory
    ministry: Viewer
    rcoi: Viewer
    mouos: dict[int, Viewer]  # by МОУО organisation
    schools: dict[int, Viewer]  # clerk by school
    centres: list[Centre]
    school_list: list[Organisation]
    centre_of: dict[int, Centre]  # by school
    main_school: Organisation
    now: datetime


class Builder:
    """Puts the region together, one organisation at a time."""

    def __init__(self, chance: random.Random, now: datetime):
        self.chance = chance
        self.now = now
        self.code = 24

    def organisation(self, name: str, short: str, territory, parent, *functions, **fields):
        with transaction.atomic():
            organisation = steps.add_organisation(
                parent,
                territory=territory,
                name=name,
                short_name=short,
                sort_key=search_key(short),
                valid_from=OPENED,
                **fields,
            )
        OrganisationFunction.objects.bulk_create(
            OrganisationFunction(
                organisation=organisation,
                function=function,
                valid_from=OPENED,
                basis="приказ о перечне тестирующих организаций (демонстрация)"
                if function == Function.TESTING_ORG
                else "",
            )
            for function in functions
        )
        return organisation

    def account(self, login: str, organisation, role: Role, title: str) -> Viewer:
        last_name, first_name, patronymic = a_teacher(self.chance)
        person = Person.objects.create(
            last_name=last_name,
            first_name=first_name,
            patronymic=patronymic,
            search_key=search_key(last_name, first_name, patronymic),
            name_key=name_key(last_name, first_name),
        )
        account = Account(
            login=login, email=f"{login}@demo.example", person=person, created_at=self.now
        )
        account.password = self.password
        account.save()
        position = Position.objects.create(
            account=account, organisation=organisation, role=role, title=title, valid_from=OPENED
        )
        return queries.as_viewer(position, account)

    def contacts(self, town: str, number: int) -> dict[str, str]:
        return {
            "address": f"{town}, ул. {self.chance.choice(STREETS)}, {self.chance.randint(1, 90)}",
            "phone": f"+7 (423) {number:03d}-00-{self.chance.randint(10, 99)}",
            "email": f"org{number}@demo.example",
        }

    def build(self) -> World:
        holder = Account(login="-")
        holder.set_password(PASSWORD)  # one costly hash for all accounts of the demonstration
        self.password = holder.password
        titles = {login: who for login, who, _what in PEOPLE}
        region = Territory.objects.create(
            code="25",
            name="Приморский край",
            kind=TerritoryKind.REGION,
            valid_from=OPENED,
            timezone="Asia/Vladivostok",
        )
        ministry = self.organisation(
            "Министерство образования Приморского края",
            "Министерство образования края",
            region,
            None,
            Function.MINISTRY,
            ownership=Ownership.STATE,
            **self.contacts("Владивосток", 1),
        )
        rcoi = self.organisation(
            "Региональный центр обработки информации Приморского края",
            "РЦОИ Приморского края",
            region,
            ministry,
            Function.RCOI,
            ownership=Ownership.STATE,
            **self.contacts("Владивосток", 2),
        )
        world = World(
            region=region,
            ministry=self.account("ministry", ministry, Role.MINISTRY, titles["ministry"]),
            rcoi=self.account("rcoi", rcoi, Role.RCOI, titles["rcoi"]),
            mouos={},
            schools={},
            centres=[],
            school_list=[],
            centre_of={},
            main_school=ministry,
            now=self.now,
        )
        self.account("mumexpert", ministry, Role.MECHANISMS_EXPERT, titles["mumexpert"])
        self.account("auditor", ministry, Role.AUDITOR, titles["auditor"])
        self.account("admin", ministry, Role.ADMIN, titles["admin"])
        for number, (name, kind, town, schools, tests) in enumerate(MUNICIPALITIES, start=1):
            self._municipality(world, ministry, number, name, kind, town, schools, tests)
        self._nearest(world)
        return world

    def _municipality(self, world, ministry, number, name, kind, town, schools, tests) -> None:
        first = number == 1
        territory = Territory.objects.create(
            code=f"25-{number:02d}", name=name, kind=kind, parent=world.region, valid_from=OPENED
        )
        mouo = self.organisation(
            f"Управление образования: {name} {KIND_WORDS[kind]}",
            f"МОУО, {name} {KIND_WORDS[kind]}",
            territory,
            ministry,
            Function.MOUO,
            **self.contacts(town, 10 + number),
        )
        world.mouos[mouo.pk] = self.account(
            "mouo" if first else f"mouo{number:02d}", mouo, Role.MOUO, _("специалист МОУО")
        )
        for index in range(schools):
            self.code += 1
            main = first and index == 0
            code = f"{self.code:03d}"
            school = self.organisation(
                f"МБОУ «Средняя общеобразовательная школа № {self.code}», {town}",
                f"СОШ № {self.code}, {town}",
                territory,
                mouo,
                Function.SCHOOL,
                exam_code=code,
                ownership=Ownership.PRIVATE if first and index == 8 else Ownership.MUNICIPAL,
                **self.contacts(town, 100 + self.code),
            )
            world.schools[school.pk] = self.account(
                "school" if main else f"school{code}", school, Role.SCHOOL, _("секретарь школы")
            )
            world.school_list.append(school)
            if main:
                world.main_school = school
        if tests:
            world.centres.append(self._centre(world, territory, mouo, town, number))

    def _centre(self, world, territory, mouo, town, number) -> Centre:
        first = number == 1
        name = "Гимназия № 1" if first else f"Лицей № {number}"
        organisation = self.organisation(
            f"МАОУ «{name}», {town}",
            f"{name}, {town}",
            territory,
            mouo,
            Function.SCHOOL,
            Function.TESTING_ORG,
            exam_code=f"{900 + number}",
            **self.contacts(town, 500 + number),
        )
        world.schools[organisation.pk] = self.account(
            f"school{900 + number}", organisation, Role.SCHOOL, _("секретарь школы")
        )
        world.school_list.append(organisation)
        place = TestingPlace.objects.create(
            organisation=organisation,
            name=f"ППТ «{name}»",
            address=organisation.address,
            accessible=True,
            valid_from=OPENED,
        )
        rooms = [
            Room.objects.create(
                place=place,
                number=str(number_),
                workplaces=15,
                audio=True,
                video=True,
                accessible=number_ < 103,
                valid_from=OPENED,
            )
            for number_ in (101, 102, 103, 104)
        ]
        tag = "" if first else f"{number:02d}"
        who = [
            ("testing", Role.TESTING_ORG, _("ответственный за тестирование")),
            ("chair", Role.COMMISSION, _("председатель комиссии")),
            ("conductor", Role.COMMISSION, _("учитель русского языка")),
            ("conductor-b", Role.COMMISSION, _("учитель начальных классов")),
            ("expert", Role.COMMISSION, _("эксперт, учитель русского языка")),
            ("expert-b", Role.COMMISSION, _("эксперт, учитель начальных классов")),
            ("tech", Role.COMMISSION, _("технический специалист")),
        ]
        made = [
            self.account(f"{login}{tag}", organisation, role, title) for login, role, title in who
        ]
        return Centre(organisation, place, rooms, made[0], made[1], made[2:])

    def _nearest(self, world: World) -> None:
        """Each school is served by the centre of its municipality, or else by a neighbour's."""
        by_territory = {centre.organisation.territory_id: centre for centre in world.centres}
        for school in world.school_list:
            centre = by_territory.get(school.territory_id) or self.chance.choice(world.centres[:6])
            world.centre_of[school.pk] = centre
            centre.schools.append(school)
        TestingArea.objects.bulk_create(
            TestingArea(
                school=school,
                testing_org=world.centre_of[school.pk].organisation,
                valid_from=OPENED,
                basis="перечень тестирующих организаций (демонстрация)",
            )
            for school in world.school_list
        )
