package dev.tutti.fleet;

/// What a model is for, in the words of the capability schema.
public enum ModelType {
  /// Writes and reads program text.
  CODE("code"),
  /// Reads images as well as text.
  VISION("vision"),
  /// Writes text.
  TEXT("text"),
  /// Turns text into vectors and does nothing else.
  EMBEDDING("embedding");

  private final String wireName;

  ModelType(String wireName) {
    this.wireName = wireName;
  }

  /// The name in APIs.
  public String wireName() {
    return wireName;
  }
}
