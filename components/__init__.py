"""Drawing only: a result dataclass goes in, Plotly figures, HTML or Streamlit elements come out."""
