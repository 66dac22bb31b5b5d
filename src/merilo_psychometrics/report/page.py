"""One HTML file: headings, sentences, tables and pictures; nothing is loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from merilo_psychometrics.tongue import Tongue

STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d5dae1;--paper:#fff;--main:#1d5fa8;
--warm:#b3441b;--fill:#a9c6e6;--note:#fff4e0}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#a3adba;--line:#3b4552;--paper:#161b22;
--main:#79b0ee;--warm:#f0986f;--fill:#2d5078;--note:#3a2f1a}}
body{font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);
background:var(--paper);
max-width:70rem;margin:0 auto;padding:1rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.3rem;margin-top:2.5rem;border-top:2px solid var(--line);
padding-top:1rem}h3{font-size:1.05rem;margin-bottom:.3rem}
p,li{max-width:46rem}.soft{color:var(--soft)}
nav ol{columns:2;padding-left:1.2rem}a{color:var(--main)}
table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0 1rem;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th:first-child,td:first-child,td.words,th.words{text-align:left}
thead th{border-bottom:2px solid var(--soft)}
caption{text-align:left;font-weight:600;padding:.2rem 0}
caption span{display:inline-block;position:sticky;left:0;max-width:calc(100vw - 2.5rem)}
.wide{overflow-x:auto}details{margin:.4rem 0 1rem}summary{cursor:pointer;color:var(--main)}
figure{margin:1rem 0}figcaption{color:var(--soft);font-size:.9rem;max-width:46rem}
svg{max-width:100%;height:auto;font:12px system-ui,"Noto Sans",sans-serif}svg text{fill:var(--ink)}
svg .name{fill:var(--soft)}.axis{fill:none;stroke:var(--soft)}.grid{stroke:var(--line);stroke-width:.6}
.line{fill:none;stroke:var(--main);stroke-width:2}.second{fill:none;stroke:var(--warm);stroke-width:2;
stroke-dasharray:6 4}.thin{fill:none;stroke:var(--soft);stroke-width:1}.rule{fill:none;stroke:var(--soft);
stroke-dasharray:2 3}.limit{fill:none;stroke:var(--warm);stroke-width:1.2}.dot{fill:var(--main)}
.odd{fill:var(--warm)}.ring{fill:none;stroke:var(--warm);stroke-width:1.6}.bar{fill:var(--fill);
stroke:var(--main);stroke-width:.6}.cell{fill:var(--main)}.anchor{fill:var(--warm)}
.grid-of{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.5rem 1rem}
.grid-of figure{margin:0}.flag{background:var(--note)}
@media(max-width:40rem){main>figure{overflow-x:auto}main>figure>svg{max-width:none;width:34rem}
nav ol{columns:1}}
@media print{details>*{display:block}h2{break-before:auto}figure,table{break-inside:avoid}}
"""


@dataclass
class Page:
    """Parts in order; a section has an anchor and stands in the contents."""

    tongue: Tongue
    title: str
    parts: list[str] = field(default_factory=list)
    contents: list[tuple[str, str]] = field(default_factory=list)

    def section(self, name: str, title: str) -> None:
        """Begin a section."""
        self.contents.append((name, title))
        self.parts.append(f'<h2 id="{escape(name)}">{escape(title)}</h2>')

    def heading(self, words: str) -> None:
        """A heading inside a section."""
        self.parts.append(f"<h3>{escape(words)}</h3>")

    def say(self, *sentences: str, soft: bool = False) -> None:
        """A paragraph."""
        looks = ' class="soft"' if soft else ""
        # A number does not part from its per cent sign at the end of a line.
        words = " ".join(filter(None, sentences)).replace(" %", "\u00a0%")
        self.parts.append(f"<p{looks}>{escape(words)}</p>")

    def list(self, sentences: Sequence[str]) -> None:
        """A list of sentences."""
        self.parts.append("<ul>" + "".join(f"<li>{escape(s)}</li>" for s in sentences) + "</ul>")

    def picture(self, svg: str, caption: str) -> None:
        """A picture with its words."""
        self.parts.append(f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>")

    def pictures(self, many: Sequence[tuple[str, str]]) -> None:
        """Small pictures in a grid, each under its name: one below the other they must not mix."""
        shown = "".join(
            f"<figure><figcaption>{escape(caption)}</figcaption>{svg}</figure>"
            for svg, caption in many
        )
        self.parts.append(f'<div class="grid-of">{shown}</div>')

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        caption: str = "",
        folded: bool = False,
        words: Sequence[int] = (),
        flagged: Sequence[int] = (),
    ) -> None:
        """A table; `words` are columns of text, `flagged` rows stand out."""
        looks = dict.fromkeys(words, ' class="words"')
        heads = "".join(
            f'<th scope="col"{looks.get(n, "")}>{escape(h)}</th>' for n, h in enumerate(head)
        )
        body = []
        for place, row in enumerate(rows):
            cells = "".join(
                f'<th scope="row">{escape(cell)}</th>'
                if n == 0
                else f"<td{looks.get(n, '')}>{escape(cell)}</td>"
                for n, cell in enumerate(row)
            )
            body.append(
                f'<tr class="flag">{cells}</tr>' if place in flagged else f"<tr>{cells}</tr>"
            )
        said = (
            f"<caption><span>{escape(caption)}</span></caption>" if caption and not folded else ""
        )
        whole = (
            f'<div class="wide"><table>{said}<thead><tr>{heads}</tr></thead>'
            f"<tbody>{''.join(body)}</tbody></table></div>"
        )
        if folded:
            whole = f"<details><summary>{escape(caption)}</summary>{whole}</details>"
        self.parts.append(whole)

    def html(self) -> str:
        """The whole file, with a policy that forbids every script and every outside address."""
        style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
        links = "".join(
            f'<li><a href="#{escape(name)}">{escape(title)}</a></li>'
            for name, title in self.contents
        )
        contents = self.tongue("Содержание", "Contents")
        return (
            f'<!doctype html>\n<html lang="{self.tongue.language}"><head><meta charset="utf-8">'
            '<meta http-equiv="Content-Security-Policy" '
            f"content=\"default-src 'none'; style-src 'sha256-{style}'\">"
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.title)}</title><style>{STYLE}</style></head><body>"
            f'<h1>{escape(self.title)}</h1><nav aria-label="{contents}"><ol>{links}</ol></nav>'
            f"<main>{''.join(self.parts)}</main></body></html>\n"
        )
