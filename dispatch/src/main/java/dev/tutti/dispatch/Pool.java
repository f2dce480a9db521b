package dev.tutti.dispatch;

/// Which of a task's engines come first: the next pool's turn comes when nobody of those before it
/// takes work.
public enum Pool {
  /// Those that a rule prefers; where there is no rule, all of the owner's own machines.
  PREFERRED("preferred"),
  /// Those of the owner's own machines that a rule names for when the preferred ones are gone.
  FALLBACK("fallback"),
  /// Engines outside the owner's network: always last.
  CLOUD("cloud");

  private final String wireName;

  Pool(String wireName) {
    this.wireName = wireName;
  }

  /// The name in APIs.
  public String wireName() {
    return wireName;
  }

  /// Why such a place is not used while one of an earlier pool is there.
  String obstacle() {
    return switch (this) {
      case PREFERRED -> "comes before the others";
      case FALLBACK -> "fallback: only when no preferred one takes work";
      case CLOUD -> "cloud: only when no machine of yours takes work";
    };
  }
}
