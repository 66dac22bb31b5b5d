"""`merilo law validate`."""

from __future__ import annotations

import argparse

from merilo import law
from merilo.law import Level

from .output import day_asked, print_json

LEVELS = {Level.ERROR: "ошибка", Level.WARNING: "внимание", Level.NOTE: "заметка"}


def validate(args: argparse.Namespace) -> int:
    """Check one profile or all of them; 1 if any has an error."""
    ids = [args.profile] if args.profile else law.profile_ids()
    report = []
    failed = False
    for profile_id in ids:
        profile = law.profile(profile_id)
        on = day_asked(args.on, profile)
        findings = law.validate(profile, on=on)
        failed |= any(finding.level == Level.ERROR for finding in findings)
        report.append({"profile": profile.id, "on": on, "findings": findings})
        if not args.json:
            print(f"{profile.title} ({profile.id}) на {on}")
            for finding in findings:
                print(f"  {LEVELS[finding.level]}: {finding.sentence}")
                if finding.parameters:
                    print(f"    {', '.join(finding.parameters)}")
    if args.json:
        print_json({"ok": not failed, "profiles": report})
    return int(failed)
