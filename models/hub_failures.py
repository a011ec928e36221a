"""What can fail on the way from the hub, as sentences that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from models.results import PlaygroundError

__all__ = ["as_sentences"]


@contextmanager
def as_sentences(name: str) -> Iterator[None]:
    """Turn what huggingface_hub, the network and the disk raise into a PlaygroundError."""
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except PlaygroundError:
        raise
    except httpx2.TimeoutException as error:
        raise PlaygroundError(
            f"The hub took too long to answer while {name} was being fetched. Try again; what has arrived is kept.",
            f"{name} 모델을 받는 동안 허브가 너무 늦게 응답했습니다. 다시 시도하세요. 받은 부분은 남아 있습니다.",
        ) from error
    except (httpx2.RemoteProtocolError, httpx2.ReadError) as error:
        raise PlaygroundError(
            f"The connection broke off while {name} was being fetched. Try again; what has arrived is kept.",
            f"{name} 모델을 받는 도중에 연결이 끊겼습니다. 다시 시도하세요. 받은 부분은 남아 있습니다.",
        ) from error
    except errors.HfHubHTTPError as error:
        raise _http_error(name, error.response) from error
    except errors.OfflineModeIsEnabled as error:
        raise PlaygroundError(
            f"{name} is not on this computer, and HF_HUB_OFFLINE keeps it from asking the hub. Pick an embedded model.",
            f"이 컴퓨터에 {name} 모델이 없고, HF_HUB_OFFLINE이 설정되어 있어 허브에서 받지 않습니다. 내장 모델을 고르세요.",
        ) from error
    except httpx2.HTTPError as error:
        raise PlaygroundError(
            f"The hub cannot be reached, so {name} cannot be fetched. Check the network and try again, or pick an embedded model.",
            f"허브에 연결할 수 없어 {name} 모델을 받지 못했습니다. 네트워크를 확인하고 다시 시도하거나 내장 모델을 고르세요.",
        ) from error
    except OSError as error:
        raise _disk_error(name, error) from error
    except Exception as error:
        raise PlaygroundError(
            f"{name} could not be fetched ({type(error).__name__}). Try again, or pick another model.",
            f"{name} 모델을 받지 못했습니다({type(error).__name__}). 다시 시도하거나 다른 모델을 골라 주세요.",
        ) from error


def _http_error(name: str, answer: Any) -> PlaygroundError:
    status = answer.status_code
    if "Invalid credentials" in answer.headers.get("X-Error-Message", ""):
        return PlaygroundError(
            f"The hub does not accept the token of this server ({status}). Whoever runs it can renew HF_TOKEN, or remove it: "
            "open models need none.",
            f"허브가 이 서버의 토큰을 받아들이지 않습니다({status}). 서버 관리자가 HF_TOKEN을 갱신하거나 지울 수 있습니다. "
            "공개 모델에는 토큰이 필요 없습니다.",
        )
    if status == 404:
        return PlaygroundError(
            f"The hub has no model called {name}, or a file of it is missing (404). Check the name, or pick another model.",
            f"허브에 {name} 모델이 없거나 필요한 파일이 없습니다(404). 이름을 확인하거나 다른 모델을 골라 주세요.",
        )
    if status in (401, 403):  # also said of names that do not exist
        return PlaygroundError(
            f"The hub does not give out {name} ({status}): the name is wrong, or the model is not open to everyone. "
            "Check the name, or pick another model.",
            f"허브가 {name} 모델을 내주지 않습니다({status}). 이름이 틀렸거나 공개된 모델이 아닙니다. "
            "이름을 확인하거나 다른 모델을 골라 주세요.",
        )
    if status == 429:
        return PlaygroundError(
            "The hub is getting too many requests from this address (429). Wait five minutes and try again.",
            "이 주소에서 허브에 요청이 너무 많이 갔습니다(429). 5분쯤 뒤에 다시 시도하세요.",
        )
    return PlaygroundError(
        f"The hub answered with an error ({status}) for {name}. Try again later, or pick an embedded model.",
        f"허브가 {name}에 대해 오류({status})로 답했습니다. 나중에 다시 시도하거나 내장 모델을 고르세요.",
    )


def _disk_error(name: str, error: OSError) -> PlaygroundError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PlaygroundError(
            f"The disk is full: there is no room for {name}. Free some space and try again.",
            f"디스크가 가득 차서 {name} 모델을 저장할 수 없습니다. 공간을 비우고 다시 시도하세요.",
        )
    why = error.strerror or type(error).__name__
    return PlaygroundError(
        f"The cache folder cannot be written to ({why}), so {name} cannot be kept. Make it writable or set HF_HOME.",
        f"캐시 폴더에 쓸 수 없어({why}) {name} 모델을 저장하지 못했습니다. 쓰기 권한을 주거나 HF_HOME을 바꾸세요.",
    )
