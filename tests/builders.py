"""Small invented worlds for tests: a region, its people, and cases at a given step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from merilo.admissions import rules as admissions_rules
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
from merilo.registry.rules import Function, TerritoryKind, search_key

OPENED = date(2025, 1, 1)
# A plain Monday: 16 March 2026, 10:00 in Vladivostok.
NOW = datetime(2026, 3, 16, 0, 0, tzinfo=UTC)
TODAY = date(2026, 3, 16)


def put(rows: QuerySet, **fields: object) -> None:
    """Set rows where no single step leads; the database's guards are put aside for this."""
    guards = ",".join(one.get_pgid(rows.model) for one in rows.model._meta.triggers)
    # `pgtrigger.ignore` sends two commands at once, which no prepared statement may hold.
    put_aside = "SELECT set_config('pgtrigger.ignore', %s, true)"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(put_aside, [f"{{{guards}}}"])
        rows.update(**fields)
        cursor.execute(put_aside, ["{}"])


def an_organisation(
    name: str, territory, parent=None, *functions: Function, **fields
) -> Organisation:
    with transaction.atomic():
        organisation = steps.add_organisation(
            parent,
            territory=territory,
            name=name,
            short_name=name,
            sort_key=search_key(name),
            valid_from=OPENED,
            **fields,
        )
    for function in functions:
        OrganisationFunction.objects.create(
            organisation=organisation, function=function, valid_from=OPENED
        )
    return organisation


def an_account(
    login: str, organisation: Organisation, role: Role, title: str = "сотрудник"
) -> Account:
    account = Account.objects.create_user(login, "pass-word-1", email=f"{login}@example.org")
    Position.objects.create(
        account=account, organisation=organisation, role=role, title=title, valid_from=OPENED
    )
    return account


def viewer_of(account: Account) -> Viewer:
    viewer = queries.viewer_of(account, today=TODAY)
    assert viewer
    return viewer


def a_person(
    last_name: str = "Каримов",
    first_name: str = "Тимур",
    patronymic: str = "",
    birth_date: date | None = date(2017, 5, 20),
    **fields,
) -> Person:
    fields = {"citizenship": "Узбекистан", "id_doc_type": "паспорт"} | fields
    return Person.objects.create(
        last_name=last_name,
        first_name=first_name,
        patronymic=patronymic,
        birth_date=birth_date,
        search_key=search_key(last_name, first_name, patronymic),
        name_key=admissions_rules.name_key(last_name, first_name),
        **fields,
    )


@dataclass
class Region:
    """Ministry, РЦОИ, two municipalities; two schools and a testing organisation in the first."""

    territory: Territory
    ministry: Organisation
    rcoi: Organisation
    mouo: Organisation
    other_mouo: Organisation
    school: Organisation
    other_school: Organisation
    far_school: Organisation  # of the other municipality
    testing_org: Organisation
    place: TestingPlace
    rooms: list[Room]
    accounts: dict[str, Account]

    def viewer(self, who: str) -> Viewer:
        """«school», «other_school», «far_school», «testing_org», «expert», «chair», «mouo», …"""
        return viewer_of(self.accounts[who])


def a_region() -> Region:
    region = Territory.objects.create(
        code="25", name="Приморский край", kind=TerritoryKind.REGION, valid_from=OPENED
    )
    town, district = (
        Territory.objects.create(
            code=code,
            name=name,
            kind=TerritoryKind.URBAN_DISTRICT,
            parent=region,
            valid_from=OPENED,
        )
        for code, name in (("25-01", "Владивостокский"), ("25-02", "Находкинский"))
    )
    ministry = an_organisation("Министерство", region, None, Function.MINISTRY)
    rcoi = an_organisation("РЦОИ", region, ministry, Function.RCOI)
    mouo = an_organisation("МОУО Владивостока", town, ministry, Function.MOUO)
    other_mouo = an_organisation("МОУО Находки", district, ministry, Function.MOUO)
    school = an_organisation("СОШ № 25", town, mouo, Function.SCHOOL, exam_code="025")
    other_school = an_organisation("СОШ № 26", town, mouo, Function.SCHOOL, exam_code="026")
    far_school = an_organisation("СОШ № 3", district, other_mouo, Function.SCHOOL, exam_code="303")
    testing_org = an_organisation(
        "Гимназия № 1", town, mouo, Function.SCHOOL, Function.TESTING_ORG, exam_code="001"
    )
    for one in (school, other_school, far_school):
        TestingArea.objects.create(school=one, testing_org=testing_org, valid_from=OPENED)
    place = TestingPlace.objects.create(
        organisation=testing_org,
        name="ППТ Гимназия № 1",
        address="ул. Светланская, 1",
        accessible=True,
        valid_from=OPENED,
    )
    rooms = [
        Room.objects.create(
            place=place,
            number=number,
            workplaces=12,
            audio=True,
            video=True,
            accessible=True,
            valid_from=OPENED,
        )
        for number in ("101", "102")
    ]
    accounts = {
        "ministry": an_account("ministry", ministry, Role.MINISTRY),
        "admin": an_account("admin", ministry, Role.ADMIN),
        "auditor": an_account("auditor", ministry, Role.AUDITOR),
        "rcoi": an_account("rcoi", rcoi, Role.RCOI),
        "mumexpert": an_account("mumexpert", ministry, Role.MECHANISMS_EXPERT),
        "mumexpert2": an_account("mumexpert2", ministry, Role.MECHANISMS_EXPERT),
        "mumexpert3": an_account("mumexpert3", ministry, Role.MECHANISMS_EXPERT),
        "mouo": an_account("mouo", mouo, Role.MOUO),
        "other_mouo": an_account("other_mouo", other_mouo, Role.MOUO),
        "school": an_account("school", school, Role.SCHOOL),
        "other_school": an_account("other_school", other_school, Role.SCHOOL),
        "far_school": an_account("far_school", far_school, Role.SCHOOL),
        "testing_org": an_account("testing_org", testing_org, Role.TESTING_ORG),
    }
    for login in ("chair", "expert", "expert2", "conductor", "conductor2", "tech"):
        accounts[login] = an_account(login, testing_org, Role.COMMISSION, login)
    return Region(
        region,
        ministry,
        rcoi,
        mouo,
        other_mouo,
        school,
        other_school,
        far_school,
        testing_org,
        place,
        rooms,
        accounts,
    )
