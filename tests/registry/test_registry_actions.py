"""The register in use: organisations open, change and close; people get and lose roles."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from builders import NOW, TODAY, an_account, an_organisation, viewer_of
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.registry import actions, queries
from merilo.registry.access import Forbidden, Role
from merilo.registry.models import Account, ApiToken, Organisation, Position, TestingArea
from merilo.registry.rules import Function, RoomFacts
from registry.builders_registry import details

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def admin(region):
    return region.viewer("admin")


def nothing_open(_id: int) -> dict[str, int]:
    return {}


def codes(wrong) -> list[str]:
    return [one.code.removeprefix("registry.") for one in wrong.value.refusals]


def add(region, admin, parent=None, **said) -> Organisation:
    return actions.add_organisation(
        parent_id=(parent or region.mouo).pk,
        details=details(region.mouo.territory, **said),
        functions=frozenset({Function.SCHOOL}),
        valid_from=TODAY,
        actor=admin,
        now=NOW,
    )


def test_a_new_school_stands_below_its_parent_and_is_in_the_journal(region, admin):
    school = add(region, admin, exam_code="030")
    assert school.path == f"{region.mouo.path}{school.pk}/"
    assert queries.with_function(school, Function.SCHOOL, on=TODAY)
    assert not queries.with_function(school, Function.SCHOOL, on=YESTERDAY)
    assert JournalEntry.objects.filter(
        event="registry.created", about=f"organisation:{school.pk}"
    ).exists()


def test_the_code_of_another_school_is_refused(region, admin):
    with pytest.raises(Refused) as wrong:
        add(region, admin, exam_code="025")
    assert codes(wrong) == ["exam-code-taken"]


@pytest.mark.parametrize("who", ["school", "mouo", "rcoi", "ministry", "auditor", "expert"])
def test_only_an_administrator_changes_the_register(region, who):
    with pytest.raises(Forbidden):
        add(region, region.viewer(who))


def test_an_administrator_of_a_smaller_scope_cannot_write_outside_it(region):
    # Such a position cannot be given by the rules; it is made by hand to try the scope itself.
    small = viewer_of(an_account("small", region.mouo, Role.ADMIN))
    with pytest.raises(Organisation.DoesNotExist):
        add(region, small, parent=region.other_mouo)
    with pytest.raises(Organisation.DoesNotExist):
        actions.change_organisation(
            organisation_id=region.far_school.pk,
            details=details(region.far_school.territory),
            actor=small,
            now=NOW,
        )
    with pytest.raises(Account.DoesNotExist):
        actions.reset_password(account_id=region.accounts["far_school"].pk, actor=small, now=NOW)


def test_a_change_is_noted_by_its_fields_and_an_empty_one_is_not(region, admin):
    def change(**said):
        return actions.change_organisation(
            organisation_id=region.school.pk,
            details=details(
                region.school.territory,
                name="СОШ № 25",
                short_name="СОШ № 25",
                exam_code="025",
                **said,
            ),
            actor=admin,
            now=NOW,
        )

    change()
    assert not JournalEntry.objects.filter(event="registry.changed").exists()
    assert change(address="ул. Лазо, 1").address == "ул. Лазо, 1"
    assert JournalEntry.objects.get(event="registry.changed").facts["fields"] == ["address"]


def test_a_closed_school_loses_functions_positions_areas_and_tokens(region, admin):
    token, text = actions.make_token(
        position_id=region.viewer("other_school").position_id,
        name="АИС",
        expires_on=date(2026, 12, 1),
        actor=admin,
        now=NOW,
    )
    actions.close_organisation(
        organisation_id=region.other_school.pk,
        until=TODAY,
        open_work=nothing_open,
        actor=admin,
        now=NOW,
    )
    tomorrow = TODAY + timedelta(days=1)
    school = Organisation.objects.get(pk=region.other_school.pk)
    assert school.valid_to == TODAY
    assert queries.with_function(school, Function.SCHOOL, on=TODAY)
    assert not queries.with_function(school, Function.SCHOOL, on=tomorrow)
    account = region.accounts["other_school"]
    assert queries.viewer_of(account, today=TODAY) is not None
    assert queries.viewer_of(account, today=tomorrow) is None
    assert not queries.testing_orgs_of(school.pk, on=tomorrow)
    assert queries.token_and_viewer(text, today=tomorrow) is None


def test_the_register_of_a_past_day_still_shows_the_closed_school(region, admin):
    actions.close_organisation(
        organisation_id=region.other_school.pk,
        until=YESTERDAY,
        open_work=nothing_open,
        actor=admin,
        now=NOW,
    )

    def names(on):
        wanted = queries.OrganisationFilter(on=on, function="school")
        return {one.short_name for one in queries.organisations_list(admin, wanted)}

    assert "СОШ № 26" in names(YESTERDAY)
    assert "СОШ № 26" not in names(TODAY)


def test_open_cases_keep_an_organisation_open_and_are_counted_in_the_reason(region, admin):
    with pytest.raises(Refused) as wrong:
        actions.close_organisation(
            organisation_id=region.school.pk,
            until=TODAY,
            open_work=lambda _id: {"открытые заявления": 4},
            actor=admin,
            now=NOW,
        )
    assert "открытые заявления — 4" in str(wrong.value)
    assert Organisation.objects.get(pk=region.school.pk).valid_to is None


def test_a_mouo_with_schools_below_cannot_close(region, admin):
    with pytest.raises(Refused) as wrong:
        actions.close_organisation(
            organisation_id=region.mouo.pk,
            until=TODAY,
            open_work=nothing_open,
            actor=admin,
            now=NOW,
        )
    assert codes(wrong) == ["has-open-below"]


def test_ending_a_function_ends_its_roles_and_areas(region, admin):
    testing = region.testing_org.functions.get(function=Function.TESTING_ORG)
    actions.end_function(
        function_id=testing.pk, until=TODAY, open_work=nothing_open, actor=admin, now=NOW
    )
    assert not TestingArea.objects.filter(testing_org=region.testing_org, valid_to=None).exists()
    assert not Position.objects.filter(
        organisation=region.testing_org, role=Role.COMMISSION, valid_to=None
    ).exists()


def test_a_function_is_given_once_and_may_come_back_after_its_end(region, admin):
    def give(day):
        return actions.give_function(
            organisation_id=region.school.pk,
            function=Function.TESTING_ORG,
            valid_from=day,
            basis="приказ № 1",
            actor=admin,
            now=NOW,
        )

    given = give(YESTERDAY)
    with pytest.raises(Refused) as wrong:
        give(TODAY)
    assert codes(wrong) == ["function-held"]
    actions.end_function(
        function_id=given.pk, until=YESTERDAY, open_work=nothing_open, actor=admin, now=NOW
    )
    assert give(TODAY).pk != given.pk


def test_places_and_rooms_open_and_close(region, admin):
    place = actions.add_place(
        organisation_id=region.testing_org.pk,
        name="ППТ 2",
        address="ул. Лазо, 2",
        accessible=True,
        valid_from=TODAY,
        actor=admin,
        now=NOW,
    )
    room = actions.add_room(
        place_id=place.pk, room=RoomFacts("7", 10), valid_from=TODAY, actor=admin, now=NOW
    )
    with pytest.raises(Refused) as wrong:
        actions.add_room(
            place_id=place.pk, room=RoomFacts("7", 10), valid_from=TODAY, actor=admin, now=NOW
        )
    assert codes(wrong) == ["room-taken"]
    actions.close_room(room_id=room.pk, until=TODAY, actor=admin, now=NOW)
    with pytest.raises(Refused) as wrong:
        actions.close_place(
            place_id=place.pk, until=TODAY, open_work=lambda _id: {"дни": 1}, actor=admin, now=NOW
        )
    assert codes(wrong) == ["still-works"]
    with pytest.raises(Refused) as wrong:
        actions.add_place(
            organisation_id=region.school.pk,
            name="ППТ",
            address="ул.",
            accessible=False,
            valid_from=TODAY,
            actor=admin,
            now=NOW,
        )
    assert codes(wrong) == ["not-a-testing-org"]


def test_a_school_is_assigned_once_and_the_assignment_may_end(region, admin):
    def assign():
        return actions.assign_testing_area(
            school_id=region.school.pk,
            testing_org_id=region.testing_org.pk,
            valid_from=TODAY,
            actor=admin,
            now=NOW,
        )

    with pytest.raises(Refused) as wrong:
        assign()
    assert codes(wrong) == ["area-held"]
    area = TestingArea.objects.get(school=region.school)
    actions.end_testing_area(area_id=area.pk, until=YESTERDAY, actor=admin, now=NOW)
    assert queries.testing_orgs_of(region.school.pk, on=TODAY) == []
    assign()
    assert queries.testing_orgs_of(region.school.pk, on=TODAY) == [region.testing_org]


def new_account(region, admin, **said):
    new = {
        "login": "ivanova",
        "last_name": "Иванова",
        "first_name": "Анна",
        "email": "i@example.org",
    }
    return actions.create_account(
        new=actions.NewAccount(**(new | said)),
        organisation_id=region.school.pk,
        role=Role.SCHOOL,
        title="секретарь",
        valid_from=TODAY,
        actor=admin,
        now=NOW,
    )


def test_the_first_password_is_told_once_and_must_be_changed(region, admin):
    account, password = new_account(region, admin)
    assert account.check_password(password)
    assert account.must_change_password
    account.set_password("another-pass-word")
    assert not account.must_change_password
    assert password not in str(list(JournalEntry.objects.values_list("facts", flat=True)))
    viewer = queries.viewer_of(account, today=TODAY)
    assert (viewer.role, viewer.organisation_id) == (Role.SCHOOL, region.school.pk)


def test_a_login_is_unique_and_a_role_needs_its_function(region, admin):
    with pytest.raises(Refused) as wrong:
        new_account(region, admin, login="school")
    assert codes(wrong) == ["login-taken"]
    account, _password = new_account(region, admin)
    with pytest.raises(Refused) as wrong:
        actions.give_position(
            account_id=account.pk,
            organisation_id=region.school.pk,
            role=Role.AUDITOR,
            title="аудитор",
            valid_from=TODAY,
            actor=admin,
            now=NOW,
        )
    assert codes(wrong) == ["role-not-here"]


def test_an_account_switched_off_works_no_more_until_it_is_switched_on(region, admin):
    account = region.accounts["school"]
    actions.deactivate_account(account_id=account.pk, actor=admin, now=NOW)
    account.refresh_from_db()
    assert queries.viewer_of(account, today=TODAY) is None
    with pytest.raises(Refused) as wrong:
        actions.reset_password(account_id=account.pk, actor=admin, now=NOW)
    assert codes(wrong) == ["account-off"]
    actions.reactivate_account(account_id=account.pk, actor=admin, now=NOW)
    _account, password = actions.reset_password(account_id=account.pk, actor=admin, now=NOW)
    account.refresh_from_db()
    assert account.check_password(password)


def test_the_last_administrator_stays(region, admin):
    with pytest.raises(Refused) as wrong:
        actions.end_position(position_id=admin.position_id, until=TODAY, actor=admin, now=NOW)
    assert codes(wrong) == ["last-admin"]
    with pytest.raises(Refused) as wrong:
        actions.deactivate_account(account_id=admin.account_id, actor=admin, now=NOW)
    assert codes(wrong) == ["own-account", "last-admin"]
    an_account("admin2", region.ministry, Role.ADMIN)
    ended = actions.end_position(position_id=admin.position_id, until=TODAY, actor=admin, now=NOW)
    assert ended.valid_to == TODAY


def test_only_the_hash_of_a_token_is_kept(region, admin):
    token, text = actions.make_token(
        position_id=region.viewer("school").position_id,
        name="АИС «Школа»",
        expires_on=date(2026, 6, 1),
        actor=admin,
        now=NOW,
    )
    kept = ApiToken.objects.values().get()
    assert text not in str(kept)
    assert text.startswith(kept["prefix"])
    found, viewer = queries.token_and_viewer(text, today=TODAY)
    assert (found, viewer) == (token, region.viewer("school"))
    assert queries.token_and_viewer(text + "x", today=TODAY) is None


def test_a_token_ends_with_its_day_its_revocation_its_position_and_its_account(region, admin):
    def make(who="school"):
        return actions.make_token(
            position_id=region.viewer(who).position_id,
            name="АИС",
            expires_on=date(2026, 6, 1),
            actor=admin,
            now=NOW,
        )

    token, text = make()
    assert queries.token_and_viewer(text, today=date(2026, 6, 1))
    assert queries.token_and_viewer(text, today=date(2026, 6, 2)) is None
    actions.revoke_token(token_id=token.pk, actor=admin, now=NOW)
    assert queries.token_and_viewer(text, today=TODAY) is None
    with pytest.raises(Refused) as wrong:
        actions.revoke_token(token_id=token.pk, actor=admin, now=NOW)
    assert codes(wrong) == ["token-revoked"]
    _token, text = make("mouo")
    actions.end_position(
        position_id=region.viewer("mouo").position_id, until=TODAY, actor=admin, now=NOW
    )
    assert queries.token_and_viewer(text, today=TODAY + timedelta(days=1)) is None
    _token, text = make("rcoi")
    actions.deactivate_account(account_id=region.accounts["rcoi"].pk, actor=admin, now=NOW)
    assert queries.token_and_viewer(text, today=TODAY) is None


def test_a_token_is_not_made_for_longer_than_a_year(region, admin):
    with pytest.raises(Refused) as wrong:
        actions.make_token(
            position_id=region.viewer("school").position_id,
            name="АИС",
            expires_on=date(2028, 1, 1),
            actor=admin,
            now=NOW,
        )
    assert codes(wrong) == ["token-too-long"]


def test_a_mouo_reads_its_own_schools_and_a_school_none(region):
    wanted = queries.OrganisationFilter(on=TODAY)
    seen = {one.pk for one in queries.organisations_list(region.viewer("mouo"), wanted)}
    assert region.school.pk in seen
    assert region.far_school.pk not in seen
    assert not queries.organisations_list(region.viewer("school"), wanted).exists()
    assert region.far_school.pk in {
        one.pk for one in queries.organisations_list(region.viewer("rcoi"), wanted)
    }


def test_organisations_are_found_by_name_code_and_inn(region, admin):
    other = an_organisation("Лицей № 41", region.mouo.territory, region.mouo, inn="7707083893")

    def found(text):
        wanted = queries.OrganisationFilter(on=TODAY, text=text)
        return [one.short_name for one in queries.organisations_list(admin, wanted)]

    assert found("лицей") == [other.short_name]
    assert found("7707083893") == [other.short_name]
    assert found("303") == ["СОШ № 3"]
