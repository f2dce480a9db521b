package dev.tutti.fleet;

/// What a machine is for.
public enum NodeRole {
  /// The conductor: runs the hub.
  HQ("hq"),
  /// Engines only.
  LLM_WORKER("llm_worker"),
  /// A browser only: no engine.
  BROWSER_NODE("browser_node"),
  /// Everything.
  FULL_WORKER("full_worker");

  private final String wireName;

  NodeRole(String wireName) {
    this.wireName = wireName;
  }

  /// The name in APIs, files and flags.
  public String wireName() {
    return wireName;
  }
}
