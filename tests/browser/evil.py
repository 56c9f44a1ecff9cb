"""A store whose names and values attack whoever shows them.

The rows of the threat model behind it: scripts, requests, spoofed and clobbering names,
floods, bombs, pickles, references, terminal escapes.
"""

import gzip
import json
import pickle
import struct
import zlib

from playwright.sync_api import Page

from tests.fakes import DictStore
from zstore._compat import override

__all__ = ["FORBIDDEN", "NAMES", "SECRET", "VALUES", "evil_store", "probe"]

RUN = "window.ran = (window.ran || 0) + 1"
FOREIGN = "http://evil.example/beacon"
SECRET = "c4n4ry-s3cr3t"  # noqa: S105 -- looked for where no secret may be

NAMES = (
    # Scripts, if a name were taken for HTML: rows 1, 3, 17.
    f"<script>{RUN}</script>",
    f"<img src=x onerror='{RUN}'>",
    f"<svg onload='{RUN}'>",
    "<iframe srcdoc='<img src=x onerror=parent.ran=1>'>",
    f"<details open ontoggle='{RUN}'>",
    f'" onmouseover="{RUN}" x="',
    f"' autofocus onfocus='{RUN}' x='",
    f"`${{{RUN}}}`",
    "{{constructor.constructor('window.ran=1')()}}",
    "<math><mtext><style><img title='</style><img src=x onerror=window.ran=1>'>",
    f"a</script><script>{RUN}</script>",
    "<!--",
    "]]>",
    "a & b &amp; c &lt;b&gt;",
    # Requests and links: rows 4, 5.
    f"javascript:{RUN}",
    "<link rel=stylesheet href=x>",
    "@import url(x)",
    "[x](javascript:window.ran=1)",
    # What clobbers and pollutes: row 14.
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "<form id=model><input name=send>",
    "length",
    # Spreadsheets: row 5.
    '=HYPERLINK("x","y")',
    "+1+cmd",
    "-2+3",
    "@SUM(1)",
    # Names that mislead: row 6.
    "exe\u202egnp.zarr",
    "\u2066a\u2069\u2067b\u2068",
    "zero\u200bwidth",
    "\ufeffbom",
    "line\u2028separator",
    "\u0440\u0430ypal",
    "Z" + "\u0301" * 300,
    "x" * 5_000,
    "a.zarr" + " " * 40 + ".exe",
    "\U000e0041\U000e0042tags",
    # No keys: a listing of a broken backend names them all the same. Rows 6, 7, 12.
    "two\nlines",
    "tab\there",
    "nul\0byte",
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "bell\x07",
    "..",
    "\\\\evil.example\\share",
)


class _Pickled:
    @override
    def __reduce__(self) -> tuple[object, ...]:
        return exec, ("import builtins; builtins.PICKLE_RAN = True",)


def _png(width: int, height: int) -> bytes:
    """Return a PNG that says to be so large, and is not."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(header))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
    )


def _npy() -> bytes:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    pickled = pickle.dumps(_Pickled())
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + pickled


_SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script>
<image href="{FOREIGN}"/></svg>"""
_HTML = f"""<!doctype html><link rel=stylesheet href="{FOREIGN}"><script>{RUN}</script>
<img src="{FOREIGN}" onerror="{RUN}"><form action="{FOREIGN}"><input autofocus></form>"""
_MARKDOWN = f"# A\n![x]({FOREIGN})\n[y](javascript:{RUN})\n<img src=x onerror='{RUN}'>"
_CSV = f'=HYPERLINK("{FOREIGN}"),+1,-1,@A1\n<script>{RUN}</script>,2\n'
_REFERENCES = {"version": 1, "refs": {"a/0": ["file:///etc/passwd"], "b": [FOREIGN, 0, 9]}}

VALUES: dict[str, bytes] = {
    "v/pic.svg": _SVG.encode(),
    "v/page.html": _HTML.encode(),
    "v/readme.md": _MARKDOWN.encode(),
    "v/table.csv": _CSV.encode(),
    "v/deep.json": b"[" * 100_000 + b"]" * 100_000,
    "v/wide.json": json.dumps({f"key {n}": n for n in range(200_000)}).encode(),
    "v/bigint.json": b'{"n": ' + b"9" * 10_000 + b', "inf": 1e999}',
    "v/names.json": json.dumps({name: name for name in NAMES}).encode(),
    "v/line.txt": b"<b>" + b"x" * 10_000_000,
    "v/escapes.txt": b"\x1b]8;;http://evil.example\x07link\x1b[2J\x00\x07\xe2\x80\xae",
    "v/object.pkl": pickle.dumps(_Pickled()),
    "v/object.npy": _npy(),
    "v/huge.png": _png(100_000, 100_000),
    "v/bomb.gz": gzip.compress(bytes(64 * 2**20)),
    "v/references.json": json.dumps(_REFERENCES).encode(),
    "v/zarr.json": b'{"zarr_format": 3, "node_type": "array", "shape": [-1, 1e999]}',
}


def _v2(**other: object) -> bytes:
    array = {
        "zarr_format": 2,
        "shape": [4],
        "chunks": [4],
        "dtype": "<i4",
        "fill_value": 0,
        "order": "C",
        "compressor": None,
        "filters": None,
    }
    return json.dumps(array | other).encode()


ARRAYS: dict[str, bytes] = {
    # An object codec that hides behind another: row 10.
    "pickled/.zarray": _v2(dtype="|O", filters=[{"id": "vlen-utf8"}, {"id": "pickle"}]),
    "pickled/0": pickle.dumps(_Pickled()),
    # 16 bytes are declared, and 96 MiB are there: row 9.
    "bomb/.zarray": _v2(compressor={"id": "zlib", "level": 9}),
    "bomb/0": zlib.compress(bytes(96 * 2**20), 1),
    "named/.zarray": _v2(),
    "named/.zattrs": json.dumps({name: [name] for name in NAMES}).encode(),
    "named/0": bytes(range(16)),
}


def evil_store() -> DictStore:
    """Return the store: names at its root, values below ``v/``, and three arrays."""
    return DictStore({**{name: name.encode() for name in NAMES}, **VALUES, **ARRAYS})


# What a page must not hold, once content was shown.
FORBIDDEN = "script, iframe, object, embed, form, base, meta, link, style, foreignObject"

_PROBE = r"""([forbidden, root]) => {
  const control = "\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f";
  const moving = "\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff";
  const raw = new RegExp(`[${control}${moving}]`);
  const found = [];
  if (window.ran) found.push(`${window.ran} scripts ran`);
  if (Object.keys(Object.prototype).length > 0) found.push("Object.prototype polluted");
  for (const top of document.querySelectorAll(root)) {
    for (const element of [top, ...top.querySelectorAll("*")]) {
      const kind = element.tagName;
      if (element.matches(forbidden)) found.push(`element <${kind}>`);
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on")) found.push(`handler ${name} on <${kind}>`);
        if (raw.test(value)) found.push(`raw text in ${name} of <${kind}>`);
        if (["href", "src", "action", "srcdoc", "xlink:href"].includes(name)) {
          if (!/^(data:image\/|#)/.test(value)) found.push(`${name}=${value} <${kind}>`);
        }
      }
    }
    const texts = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      if (raw.test(texts.currentNode.data)) {
        found.push(`raw text ${JSON.stringify(texts.currentNode.data).slice(0, 80)}`);
      }
    }
    const nodes = top.querySelectorAll("*").length;
    if (nodes > 2_000) found.push(`${nodes} elements`);
  }
  return [...new Set(found)];
}"""


def probe(page: Page, root: str = ".zs") -> list[str]:
    """Return what is wrong in a page that shows evil content; nothing, if all is well."""
    found: list[str] = page.evaluate(_PROBE, [FORBIDDEN, root])
    return found
