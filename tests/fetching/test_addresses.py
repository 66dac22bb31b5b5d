"""Case 145 and its neighbours: what a pasted address leads to, and when two are one."""

from ipaddress import ip_address

import pytest

from merilo.foundation.fetching import BadAddress, Fault, is_public, one_spelling, read_address


@pytest.mark.parametrize(
    ("pasted", "asked"),
    [
        ("http://школа-5.рф/приказ 12.pdf", "http://xn---5-6kc3bfr2e.xn--p1ai/%D0%BF%D1%80%D0%B8%D0%BA%D0%B0%D0%B7%2012.pdf"),
        ("  https://edu.example.ru/a/b.pdf\n", "https://edu.example.ru/a/b.pdf"),
        ("edu.example.ru/a", "https://edu.example.ru/a"),
        ("HTTPS://EDU.Example.RU:443/A", "https://edu.example.ru/A"),
        ("http://edu.example.ru:8080", "http://edu.example.ru:8080/"),
        ("https://edu.example.ru/a#page=3", "https://edu.example.ru/a"),
        ("https://edu.example.ru/a?doc=приказ №5", "https://edu.example.ru/a?doc=%D0%BF%D1%80%D0%B8%D0%BA%D0%B0%D0%B7%20%E2%84%965"),
        ("https://edu.example.ru/100%", "https://edu.example.ru/100%25"),
        ("https:\\\\edu.example.ru\\a", "https://edu.example.ru/a"),
        ("http://[2606:4700::1111]/", "http://[2606:4700::1111]/"),
        ("https://edu.example.ru./a", "https://edu.example.ru/a"),
    ],
)  # fmt: skip
def test_a_pasted_address_is_read_as_it_was_meant(pasted: str, asked: str):
    assert str(read_address(pasted)) == asked


@pytest.mark.parametrize(
    ("pasted", "fault"),
    [
        ("", Fault.EMPTY),
        (" \n\t", Fault.EMPTY),
        ("https://a.ru/" + "x" * 2000, Fault.TOO_LONG),
        ("ftp://edu.example.ru/a", Fault.NOT_WEB),
        ("file:///etc/passwd", Fault.NOT_WEB),
        ("javascript:alert(1)", Fault.NOT_WEB),
        ("mailto:a@example.ru", Fault.NOT_WEB),
        ("gopher://127.0.0.1:25/", Fault.NOT_WEB),
        ("https:///a", Fault.NO_HOST),
        ("https://edu.example.ru:99999/", Fault.BAD_PORT),
        ("https://edu.example.ru:0/", Fault.BAD_PORT),
        ("https://user:secret@edu.example.ru/", Fault.HAS_PASSWORD),
        ("https://public.example.ru@127.0.0.1/", Fault.HAS_PASSWORD),
        ("https://edu..example.ru/", Fault.BAD_HOST),
        ("https://edu example.ru/", Fault.BAD_HOST),
        ("https://edu%2eexample.ru/", Fault.BAD_HOST),
        ("https://%31%32%37.0.0.1/", Fault.ODD_NUMBER),
        ("http://[::1", Fault.BAD_HOST),
        ("http://[fe80::1%25eth0]/", Fault.BAD_HOST),
        ("http://2130706433/", Fault.ODD_NUMBER),
        ("http://0x7f000001/", Fault.ODD_NUMBER),
        ("http://0177.0.0.1/", Fault.ODD_NUMBER),
        ("http://127.1/", Fault.ODD_NUMBER),
        ("http://0x7f.0.0.0x1/", Fault.ODD_NUMBER),
        ("http://127.0.0.01/", Fault.ODD_NUMBER),
    ],
)
def test_what_is_no_address_of_a_document_is_named(pasted: str, fault: Fault):
    with pytest.raises(BadAddress) as refused:
        read_address(pasted)
    assert refused.value.fault is fault


def test_a_refused_address_does_not_say_its_password():
    with pytest.raises(BadAddress) as refused:
        read_address("https://user:secret@edu.example.ru/")
    assert "secret" not in str(refused.value) + repr(refused.value)


def test_digits_of_another_alphabet_are_still_digits():
    """A resolver would read the circled and full-width ones as 127.0.0.1."""
    assert read_address("http://①②⑦.⓪.⓪.①/").host == "127.0.0.1"
    assert read_address("http://１２７.０.０.１/").host == "127.0.0.1"
    assert read_address("http://127。0。0。1/").host == "127.0.0.1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://школа.рф/а", "https://xn--80atdl2c.xn--p1ai/%d0%b0"),
        ("https://edu.example.ru/a%20b", "https://edu.example.ru/a b"),
        ("https://edu.example.ru/a#page=2", "https://edu.example.ru/a"),
        ("https://EDU.example.ru:443/%7Ea", "edu.example.ru/~a"),
        ("https://edu.example.ru/x/../a/./b", "https://edu.example.ru/a/b"),
        ("https://edu.example.ru", "https://edu.example.ru/"),
    ],
)
def test_case_145_spellings_of_one_address_are_one_for_comparing(one: str, other: str):
    assert one_spelling(one) == one_spelling(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://edu.example.ru/a", "https://edu.example.ru/A"),
        ("https://edu.example.ru/a?id=1", "https://edu.example.ru/a?id=2"),
        ("https://edu.example.ru/a", "https://edu.example.ru:8443/a"),
        ("https://edu.example.ru/a%2Fb", "https://edu.example.ru/a/b"),
        ("https://edu.example.ru/a", "https://edu.example.ru/a/"),
    ],
)
def test_different_addresses_stay_different(one: str, other: str):
    assert one_spelling(one) != one_spelling(other)


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::808:808", "2002:7f00:1::", "2001::1", "2001:db8::1", "fec0::1",
    ],
)  # fmt: skip
def test_numbers_of_houses_are_not_public(number: str):
    assert not is_public(ip_address(number))


@pytest.mark.parametrize("number", ["8.8.8.8", "77.88.8.8", "2606:4700::1111", "2a02:6b8::1"])
def test_numbers_of_the_open_network_are_public(number: str):
    assert is_public(ip_address(number))
