"""Territories, organisations, people, positions. Everything that ends has a last day, not a delete."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q

from . import access, rules


def named(enum) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in enum]


class Dated(models.Model):
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    def period(self) -> rules.Period:
        return rules.Period(self.valid_from, self.valid_to)


def in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name=name
    )


class Territory(Dated):
    """A region or a municipality. An urban and a municipal district may share a name."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=30, choices=named(rules.TerritoryKind))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
    timezone = models.CharField(max_length=50, blank=True)

    class Meta:
        constraints = [
            in_order("territory_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["parent", "name", "kind"], name="territory_name_and_kind_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Organisation(Dated):
    """An organisation in the tree: ministry, then municipal bodies and РЦОИ, then schools."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="below")
    path = models.CharField(max_length=200, unique=True)  # "/1/5/33/", set when created
    territory = models.ForeignKey(Territory, models.PROTECT)
    name = models.CharField(max_length=300)
    short_name = models.CharField(max_length=120)
    sort_key = models.CharField(max_length=120, db_index=True)
    inn = models.CharField(max_length=12, blank=True)
    exam_code = models.CharField(max_length=3, blank=True)
    ownership = models.CharField(
        max_length=20, choices=named(rules.Ownership), default=rules.Ownership.MUNICIPAL
    )
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    head = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(max_length=50, blank=True)
    source_id = models.CharField(max_length=80, blank=True)  # its id in the source of an import

    class Meta:
        indexes = [
            models.Index(OpClass(F("path"), name="varchar_pattern_ops"), name="organisation_below")
        ]
        constraints = [
            in_order("organisation_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(exam_code="") | Q(exam_code__regex=r"^[0-9]{3}$"),
                name="organisation_exam_code_is_three_digits",
            ),
            models.UniqueConstraint(
                fields=["exam_code"],
                condition=~Q(exam_code="") & Q(valid_to__isnull=True),
                name="organisation_exam_code_once",
            ),
            models.UniqueConstraint(
                fields=["source_id"],
                condition=~Q(source_id=""),
                name="organisation_source_id_once",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


class OrganisationFunction(Dated):
    """That an organisation is a school, a testing organisation and so on, from a day to a day."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="functions")
    function = models.CharField(max_length=20, choices=named(rules.Function))
    basis = models.CharField(max_length=200, blank=True)  # the order that gave it

    class Meta:
        constraints = [
            in_order("function_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["organisation", "function", "valid_from"], name="function_once_from_a_day"
            ),
        ]


class TestingArea(Dated):
    """The testing organisation nearest to a school (R1.3.2)."""

    __test__ = False

    school = models.ForeignKey(Organisation, models.PROTECT, related_name="testing_areas")
    testing_org = models.ForeignKey(Organisation, models.PROTECT, related_name="serves")
    basis = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            in_order("testing_area_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["school", "testing_org", "valid_from"], name="testing_area_once"
            ),
        ]


class TestingPlace(Dated):
    """Пункт прохождения тестирования (ППТ) of a testing organisation."""

    __test__ = False

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="places")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    accessible = models.BooleanField(default=False)

    class Meta:
        constraints = [in_order("place_ends_after_it_begins")]

    def __str__(self) -> str:
        return self.name


class Room(Dated):
    place = models.ForeignKey(TestingPlace, models.PROTECT, related_name="rooms")
    number = models.CharField(max_length=20)
    workplaces = models.PositiveSmallIntegerField()
    for_oral = models.BooleanField(default=True)
    for_written = models.BooleanField(default=True)
    audio = models.BooleanField(default=False)
    video = models.BooleanField(default=False)
    isolated = models.BooleanField(default=True)
    accessible = models.BooleanField(default=False)

    class Meta:
        constraints = [
            in_order("room_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["place", "number"],
                condition=Q(valid_to__isnull=True),
                name="room_number_once_in_a_place",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Person(models.Model):
    """A child, a parent, a teacher. One row for one human being."""

    last_name = models.CharField(max_length=100)
    first_name = models.CharField(max_length=100)
    patronymic = models.CharField(max_length=100, blank=True)
    latin_name = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    citizenship = models.CharField(
        max_length=60, blank=True
    )  # empty: stateless or not a participant
    stateless = models.BooleanField(default=False)
    id_doc_type = models.CharField(max_length=60, blank=True)
    id_doc_number = models.CharField(max_length=60, blank=True)
    snils = models.CharField(max_length=14, blank=True)
    search_key = models.CharField(max_length=320)
    name_key = models.CharField(max_length=120)  # phonetic key for likeness, see admissions.rules
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                OpClass(F("search_key"), name="varchar_pattern_ops"), name="person_by_name"
            ),
            models.Index(fields=["birth_date", "name_key"], name="person_likeness"),
            models.Index(fields=["id_doc_number"], name="person_by_document"),
        ]

    @property
    def full_name(self) -> str:
        return " ".join(
            part for part in (self.last_name, self.first_name, self.patronymic) if part
        )

    @property
    def initials(self) -> str:
        letters = "".join(f"{n[0]}." for n in (self.first_name, self.patronymic) if n)
        return f"{self.last_name} {letters}".strip()


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, login: str, password: str | None = None, **fields) -> "Account":
        account = self.model(login=login, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, login):
        return self.get(login=login)


class Account(AbstractBaseUser):
    """How a person signs in. What he may do comes from his positions."""

    login = models.CharField(max_length=60, unique=True)
    email = models.EmailField(blank=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True)
    language = models.CharField(max_length=5, default="ru")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(null=True)
    # The password as the administrator gave it: while it still stands, it must be changed.
    given_password = models.CharField(max_length=200, blank=True)

    objects = AccountManager()
    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.login

    @property
    def must_change_password(self) -> bool:
        """Whether the password is still the one an administrator gave."""
        return bool(self.given_password) and self.password == self.given_password


class Position(Dated):
    """A person's work in an organisation, with the role it gives."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="positions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="positions")
    role = models.CharField(max_length=20, choices=named(access.Role))
    title = models.CharField(max_length=120)

    class Meta:
        indexes = [models.Index(fields=["account"], name="positions_of_account")]
        constraints = [in_order("position_ends_after_it_begins")]


class ApiToken(models.Model):
    """A token of an organisation. Only its hash is kept."""

    name = models.CharField(max_length=120)
    position = models.ForeignKey(Position, models.PROTECT)
    token_hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class Counter(models.Model):
    """Serial numbers without gaps or doubles: take by locking the row."""

    scope = models.CharField(max_length=60, primary_key=True)
    value = models.BigIntegerField(default=0)


class ImportRun(models.Model):
    """One import of a registry file: what was in it, what was wrong, what was written."""

    kind = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, null=True)
    dry_run = models.BooleanField()
    file = models.ForeignKey("files.StoredFile", models.PROTECT, null=True)
    rows = models.IntegerField()
    created = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    errors = models.JSONField(default=list)


__all__ = [
    "Account",
    "ApiToken",
    "Counter",
    "ImportRun",
    "Organisation",
    "OrganisationFunction",
    "Person",
    "Position",
    "Room",
    "Territory",
    "TestingArea",
    "TestingPlace",
]
