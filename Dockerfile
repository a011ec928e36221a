# The playground with its embedded models inside; it downloads nothing when it starts.
# docker build -t playground . && docker run -p 7860:7860 playground
FROM python:3.12-slim-bookworm

RUN useradd --create-home --uid 1000 playground
USER 1000
WORKDIR /home/playground/app
ENV PATH=/home/playground/.local/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PLAYGROUND_CACHE=/home/playground/models

# torch's own index has the build without CUDA, gigabytes smaller
COPY --chown=1000 requirements.txt .
RUN pip install --user --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.txt

COPY --chown=1000 app.py ./
COPY --chown=1000 settings.py ./
COPY --chown=1000 .streamlit ./.streamlit
COPY --chown=1000 components ./components
COPY --chown=1000 content ./content
COPY --chown=1000 models ./models
COPY --chown=1000 pages ./pages
RUN python -m models.packaged

EXPOSE 7860
HEALTHCHECK --start-period=90s --interval=30s --timeout=5s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/ready')"]
CMD ["streamlit", "run", "app.py", "--server.port=7860", "--server.address=0.0.0.0", "--server.headless=true"]
