"""CSS for what Streamlit's theme options do not cover."""

import streamlit as st

from realtime.ui.icons import icon_css

_STYLE = """
<style>
.stMainBlockContainer :is(h2, h3) { font-size: 1.3rem; padding: .75rem 0 .25rem }
.fs { font-size: .95rem; line-height: 1.4 }
.fs-counts { display: grid; grid-template-columns: repeat(4, 1fr); gap: .5rem }
.fs-count { border: 1px solid rgba(128,128,128,.25); border-radius: .5rem; padding: .45rem .5rem }
.fs-count b { display: block; font-size: 1.6rem; font-weight: 600; line-height: 1.2;
  font-variant-numeric: tabular-nums }
.fs-count span, .fs-quiet { font-size: .82rem; opacity: .75 }
.fs-count span { white-space: nowrap; font-size: clamp(.7rem, 3.2vw, .82rem) }
.fs-dot { display: inline-block; width: .6em; height: .6em; border-radius: 50%;
  margin-right: .4em }
.fs-count small { float: right; margin-top: .55em; font-size: .75rem; font-weight: 400;
  white-space: nowrap; opacity: .85 }
.fs-emotion { margin: 0 0 .35rem; font-size: .85rem }
.fs-count .fs-icon { float: right; margin: .25em 0 0; font-size: 1.25rem; opacity: 1 }
.fs-quiet { margin: .6rem 0; font-variant-numeric: tabular-nums }
.fs-faces { display: grid; gap: .6rem;
  grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)) }
.fs-face { border: 1px solid rgba(128,128,128,.25); border-radius: .5rem; padding: .6rem .75rem }
.fs-face h4 { margin: 0 0 .4rem; padding: 0; font-size: .95rem; font-weight: 600 }
.fs-face h4 small { display: inline-block; font-weight: 400; opacity: .8; margin-left: .5em;
  font-size: .85rem }
.fs-bar { display: grid; grid-template-columns: 4.6rem 1fr 2.8rem; gap: .5rem;
  align-items: center; font-size: .82rem }
.fs-bar i { height: .5rem; border-radius: .25rem; background: rgba(128,128,128,.18);
  overflow: hidden }
.fs-bar i u { display: block; height: 100%; background: #2f8fc4; border-radius: .25rem;
  opacity: .5 }
.fs-bar.unsure i u { background: #808080 }
.fs-bar.top { font-weight: 600 } .fs-bar.top i u { opacity: 1 }
.fs-bar span:last-child { text-align: right; font-variant-numeric: tabular-nums }
.fs-table { overflow-x: auto; font-size: .95rem }
.fs-table table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
.fs-table :is(th, td) { padding: .4rem .75rem .4rem 0; text-align: left; vertical-align: baseline;
  border-bottom: 1px solid rgba(128,128,128,.25) }
.fs-table th { font-weight: 600; font-size: .82rem }
.fs-table .n { text-align: right; white-space: nowrap }
.fs-table .n + :not(.n) { padding-left: 1rem }
.fs-table td:last-child:not(.n) { min-width: 11rem }
/* A file chip's icon, which Streamlit shows on the text's colour: a white square in the dark. */
.stMainBlockContainer [data-testid="stFileChip"] > div:first-child {
  background: rgba(128,128,128,.25); color: inherit }
/* Streamlit's faded text has too little contrast in the light theme. */
.stMainBlockContainer :is([data-testid="stCaptionContainer"],
  [data-testid="stFileChip"] > div + div > div,
  [data-testid="stFileUploaderDropzone"] span, [data-testid="stWidgetLabel"],
  [data-testid="stWidgetLabel"] [data-testid="stMarkdownContainer"]) { color: inherit }
.stMainBlockContainer [data-testid="stCaptionContainer"] { opacity: .8 }
.fs-alert { display: flex; align-items: center; gap: .6rem; min-height: 2.6rem;
  padding: .35rem .75rem; border-radius: .5rem; border: 1px solid rgba(128,128,128,.25);
  border-left-width: 4px; font-size: .95rem; line-height: 1.3 }
.fs-alert.on { border-color: #d55e00; background: rgba(213,94,0,.14); font-weight: 600 }
.fs-rec { display: flex; align-items: center; justify-content: center; gap: .5rem;
  min-height: 2.5rem; border-radius: .5rem; background: #c62828; color: #fff; font-weight: 600;
  font-variant-numeric: tabular-nums; white-space: nowrap }
.fs-rec i { width: .8em; height: .8em; border-radius: 50%; background: currentColor;
  animation: fs-pulse 1.6s ease-in-out infinite }
@keyframes fs-pulse { 50% { opacity: .25 } }
@media (prefers-reduced-motion: reduce) { .fs-rec i { animation: none } }
/* The camera choice is disabled while a stream runs; its label stays readable. */
.stButtonGroup [data-testid="stWidgetLabel"] p { color: light-dark(#5c6664, #a3acaa) }
.fs-thumbs { display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)) }
.fs-thumbs figure { margin: 0; min-width: 0 }
.fs-thumbs img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: .5rem }
.fs-thumbs figcaption { font-size: .82rem; line-height: 1.35; margin-top: .2rem }
.fs-thumbs b { display: block; font-weight: 600; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap }
.fs-legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .82rem }
.fs-legend .fs-dot { border-radius: .15em }
/* Fingers need 44 px. */
@media (max-width: 640px) {
  .stApp :is([data-testid^="stBaseButton-"], [data-testid="stTab"], [role="tab"], summary,
    [role="radio"], [data-testid="stSidebarNavLink"], [data-testid="stExpandSidebarButton"],
    [data-testid="stLogoLink"], [data-testid="stPopoverButton"], .stButtonGroup button,
    [data-testid="stSidebarCollapseButton"] button, .stCheckbox label, .stRadio label,
    [data-testid="stSelectbox"] > div:last-child, [data-testid="stSelectbox"] button,
    [data-testid="stMultiSelect"] :is([data-baseweb="select"] > div, [role="group"],
    [role="group"] > button))
    { min-height: 44px; min-width: 44px }
  .stApp .stCheckbox label { align-items: center }
  .stApp [data-variant="segmented_control"] { padding: .25rem .7rem }
}
</style>
"""
# White text on the dark theme's bright primary colour has too little contrast.
_DARK = """
<style>
[data-testid="stBaseButton-primary"]:not(:hover, :active, :disabled) { color: #10201e }
</style>
"""


def page_style() -> None:
    """Add the CSS to this page."""
    icons = f"<style>{icon_css()}</style>"
    st.html(icons + _STYLE + (_DARK if st.context.theme.type == "dark" else ""))
