"""The Archive page: counts, histograms and faces of the results of `bulk`."""

from __future__ import annotations

import streamlit as st

from realtime.bulk.errors import BulkError
from realtime.bulk.summary import FaceFilter, Overview
from realtime.core.extras import missing_module
from realtime.ui.archive.charts import show_histograms
from realtime.ui.archive.figures import Stamp, cards_of, errors_of, histograms_of, overview_of
from realtime.ui.archive.figures import stamp_of as stamp_of_folder
from realtime.ui.archive.filters import face_filter
from realtime.ui.archive.folders import result_folders
from realtime.ui.archive.gallery import gallery_html
from realtime.ui.explore.results_table import results_table
from realtime.ui.operator import ARCHIVES_VARIABLE, archives_root
from realtime.ui.style import page_style

PAGE_FACES = 24
SETUP = f"""
This page shows the results of `facestream bulk`: counts, histograms and faces of whole folders of
photos and videos. To use it, start the server with the folder that holds your results:

```
facestream bulk photos --out results/photos --crops
{ARCHIVES_VARIABLE}=results facestream app
```

Everyone who can open this page can then see these results.
"""


def page() -> None:
    """Show the folder that the visitor selects."""
    page_style()
    st.title("Archive")
    root = archives_root()
    if root is None:
        st.markdown(SETUP)
        return
    folders = result_folders(root)
    if not folders:
        st.info(
            "No results found. Write some with `facestream bulk SOURCE --out DIR`, with DIR inside "
            f"the folder of `{ARCHIVES_VARIABLE}`."
        )
        return
    name = st.selectbox("Results", list(folders), key="results", bind="query-params")
    try:
        _show(stamp_of_folder(folders[str(name)]))
    except BulkError as error:
        st.error(str(error))
    except ModuleNotFoundError as error:
        st.info(missing_module(error, "archive"))
    except OSError:
        st.error("The folder cannot be read any more. Reload the page.")


def _show(stamp: Stamp) -> None:
    totals = overview_of(stamp)
    everything = histograms_of(stamp, FaceFilter())
    st.html(_tiles(totals, everything.faces))
    chosen = face_filter(everything.labels)
    found = histograms_of(stamp, chosen)
    st.caption(
        f"{found.faces:,} of {everything.faces:,} faces. In videos, a face counts once per frame. "
        "Emotions are estimates and often wrong."
    )
    if found.faces:
        show_histograms(found, totals)
    st.subheader("Faces", anchor=False)
    if totals.crops:
        _gallery(stamp, chosen)
    else:
        st.info("These results have no pictures. Run `facestream bulk` with `--crops` for some.")
    if totals.errors:
        with st.expander(f"Errors ({totals.errors:,})", icon=":material/error:"):
            rows = [{"file": path, "error": error} for path, error in errors_of(stamp)]
            results_table("Errors", rows)
            if totals.errors > len(rows):
                st.caption(f"The first {len(rows)}. `facestream ask` gives all of them.")


def _gallery(stamp: Stamp, chosen: FaceFilter) -> None:
    key = f"archive-first {stamp} {chosen}"
    first = int(st.session_state.get(key, 0))
    cards = cards_of(stamp, chosen, first, PAGE_FACES + 1)  # one more: is there another page?
    if not cards:
        st.info("No stored picture passes the filter.")
        return
    st.html(gallery_html(cards[:PAGE_FACES]))

    def go(to: int) -> None:
        st.session_state[key] = max(0, to)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous", icon=":material/chevron_left:", disabled=first == 0,
            on_click=go, args=(first - PAGE_FACES,),
        )  # fmt: skip
        st.button(
            "Next", icon=":material/chevron_right:", disabled=len(cards) <= PAGE_FACES,
            on_click=go, args=(first + PAGE_FACES,),
        )  # fmt: skip
        st.caption(f"{first + 1:,} to {first + min(len(cards), PAGE_FACES):,}")


def _tiles(totals: Overview, faces: int) -> str:
    tiles = [
        (totals.photos, "photo" if totals.photos == 1 else "photos"),
        (totals.videos, "video" if totals.videos == 1 else "videos"),
        (faces, "faces, all frames" if totals.videos else "faces"),
        (totals.tracks, "tracks in videos") if totals.videos else (totals.errors, "errors"),
    ]
    cells = "".join(
        f'<div class="fs-count"><b>{count:,}</b><span>{title}</span></div>'
        for count, title in tiles
    )
    return f'<div class="fs-counts">{cells}</div>'


page()
