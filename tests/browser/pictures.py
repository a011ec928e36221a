"""Take the README's pictures anew: one of each page, as a browser shows it.

make pictures
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, free_port, settle, start_app

FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1000, 760
# page -> its address, that of an example: then the text and settings are folded away
VIEWS: dict[str, dict[str, str]] = {
    "tokenizer_explorer": {"text": "Pretraining electroencephalographers is an unaffable pretext."},
    "masking_simulator": {},
    "attention_viewer": {},
    "qa_highlighter": {},
    "prompt_lab": {
        "view": "surprise",
        "text": "I went to the dentist, who cleaned my teeth and told me to brush my piano twice a day.",
    },
    "electra_detector": {},
    "model_anatomy": {},
    "sentence_pairs": {},
    "fine_tuning_heads": {},
    "knowledge": {},
    "distillation": {},
}


def picture_of(page: str) -> Path:
    """Where the README finds a page's picture."""
    return FOLDER / f"{page}.jpg"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    port = free_port()
    process = start_app(port, HF_ENDPOINT=f"http://127.0.0.1:{free_port()}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-US")
        for name, address in VIEWS.items():
            page.goto(f"http://127.0.0.1:{port}/{name}?{urlencode({**address, 'lecture': '1'})}")
            page.add_style_tag(
                content="html { font-size: 15px !important } header { display: none !important } "
                ".block-container { padding-top: 1.2rem !important } "
                ".st-key-wide-columns [data-testid=stColumn] { min-width: 26rem !important }"
            )
            settle(page)
            page.wait_for_timeout(1500)  # frames and figures come after the script has ended
            page.screenshot(path=picture_of(name), type="jpeg", quality=78)
        browser.close()
    process.terminate()
    process.wait()


if __name__ == "__main__":
    main()
