"""Invented people. Any likeness to somebody real is chance."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

COUNTRIES: dict[str, tuple[int, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "Узбекистан": (
        34,
        ("Каримов", "Рашидов", "Юсупов", "Турсунов", "Эргашев", "Хамидов", "Назаров", "Саидов"),
        ("Тимур", "Жасур", "Азиз", "Бобур", "Шохрух", "Отабек", "Диёр", "Сардор"),
        ("Малика", "Нилуфар", "Зарина", "Дилноза", "Севара", "Мадина", "Гулчехра", "Шахноза"),
    ),
    "Таджикистан": (
        24,
        ("Рахимов", "Давлатов", "Мирзоев", "Шарипов", "Холов", "Гафуров", "Сафаров", "Одинаев"),
        ("Фирдавс", "Рустам", "Далер", "Комрон", "Сухроб", "Бехруз", "Икром", "Некруз"),
        ("Ситора", "Мехрона", "Парвина", "Нигина", "Фарзона", "Шабнам", "Тахмина", "Мунира"),
    ),
    "Киргизия": (
        16,
        ("Асанов", "Бекмуратов", "Токтогулов", "Жумабаев", "Ибраимов", "Сыдыков", "Мамытов"),
        ("Нурлан", "Эрлан", "Адилет", "Бакыт", "Данияр", "Мирлан", "Улан"),
        ("Айгерим", "Нурзат", "Бегимай", "Айжан", "Чолпон", "Жылдыз", "Элина"),
    ),
    "Китай": (
        9,
        ("Ли", "Ван", "Чжан", "Лю", "Чэнь", "Чжао", "Сунь"),
        ("Вэй", "Цзюнь", "Хао", "Минь", "Тао", "Бо"),
        ("Мэй", "Сюэ", "Линь", "Юй", "Цзин", "На"),
    ),
    "Вьетнам": (
        5,
        ("Нгуен", "Чан", "Ле", "Фам", "Хоанг"),
        ("Минь", "Дык", "Хай", "Нам", "Туан"),
        ("Линь", "Май", "Тхи Хоа", "Нга", "Лан"),
    ),
    "Армения": (
        5,
        ("Саркисян", "Петросян", "Григорян", "Акопян", "Манукян"),
        ("Арман", "Тигран", "Давид", "Нарек", "Гор"),
        ("Ани", "Мане", "Лусине", "Нарине", "Милена"),
    ),
    "Азербайджан": (
        4,
        ("Алиев", "Мамедов", "Гасанов", "Гусейнов", "Исмаилов"),
        ("Эмин", "Рауф", "Турал", "Ильгар", "Орхан"),
        ("Лейла", "Айсель", "Нигяр", "Севиндж", "Гюнель"),
    ),
    "Белоруссия": (
        3,
        ("Василевич", "Козлович", "Жданович", "Хацкевич"),
        ("Максим", "Артём", "Кирилл", "Егор"),
        ("Алеся", "Полина", "Дарья", "Вероника"),
    ),
}
RUSSIAN_LAST = [
    "Орлова",
    "Соколова",
    "Белова",
    "Зайцева",
    "Морозова",
    "Волкова",
    "Лебедева",
    "Новикова",
    "Егорова",
    "Павлова",
    "Козлова",
    "Степанова",
    "Николаева",
    "Макарова",
    "Андреева",
    "Захарова",
    "Романова",
    "Громова",
    "Крылова",
    "Чернова",
    "Мельникова",
    "Воронова",
    "Тихонова",
    "Полякова",
    "Гусева",
    "Кудрявцева",
    "Баранова",
    "Куликова",
    "Алексеева",
    "Яковлева",
]
RUSSIAN_FIRST = [
    "Анна",
    "Мария",
    "Елена",
    "Ольга",
    "Наталья",
    "Ирина",
    "Светлана",
    "Татьяна",
    "Юлия",
    "Екатерина",
    "Людмила",
    "Галина",
    "Вера",
    "Надежда",
    "Любовь",
    "Марина",
    "Оксана",
    "Лариса",
]
RUSSIAN_PATRONYMIC = [
    "Ивановна",
    "Петровна",
    "Сергеевна",
    "Андреевна",
    "Викторовна",
    "Николаевна",
    "Александровна",
    "Михайловна",
    "Владимировна",
    "Юрьевна",
    "Олеговна",
    "Игоревна",
]


@dataclass(frozen=True)
class Invented:
    last_name: str
    first_name: str
    birth_date: date
    citizenship: str
    document: str
    patronymic: str = ""


def _female(last_name: str) -> str:
    return f"{last_name}а" if last_name.endswith(("ов", "ев", "ин")) else last_name


def a_family(
    chance: random.Random, *, grade: int, on: date, country: str = ""
) -> tuple[Invented, Invented]:
    """A child of the age of the grade, and a parent."""
    country = country or chance.choices(list(COUNTRIES), [c[0] for c in COUNTRIES.values()])[0]
    _weight, last_names, boys, girls = COUNTRIES[country]
    last_name, girl = chance.choice(last_names), chance.random() < 0.48
    born = date(on.year - 6 - grade, chance.randint(1, 12), chance.randint(1, 28))
    child = Invented(
        _female(last_name) if girl else last_name,
        chance.choice(girls if girl else boys),
        born,
        country,
        f"{chance.choice('ABCEHKMPT')}{chance.choice('ABCEHKMPT')} {chance.randint(1_000_000, 9_999_999)}",
    )
    mother = chance.random() < 0.6
    parent = Invented(
        _female(last_name) if mother else last_name,
        chance.choice(girls if mother else boys),
        date(born.year - chance.randint(21, 38), chance.randint(1, 12), chance.randint(1, 28)),
        country,
        f"{chance.choice('ABCEHKMPT')}{chance.choice('ABCEHKMPT')} {chance.randint(1_000_000, 9_999_999)}",
    )
    return child, parent


def a_teacher(chance: random.Random) -> tuple[str, str, str]:
    return (
        chance.choice(RUSSIAN_LAST),
        chance.choice(RUSSIAN_FIRST),
        chance.choice(RUSSIAN_PATRONYMIC),
    )
