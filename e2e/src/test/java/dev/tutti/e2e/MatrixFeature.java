package dev.tutti.e2e;

/// What a client may want beside plain words.
enum MatrixFeature {
  TEXT("text"),
  TOOLS("tools"),
  IMAGES("images"),
  THINKING("thinking"),
  STRUCTURED("structured output"),
  EMBEDDINGS("embeddings");

  private final String title;

  MatrixFeature(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
