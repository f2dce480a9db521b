package dev.tutti.link.authority;

/// How far a new root has come. Each step leaves everybody who did the one before it able to
/// connect, and each can be taken back.
///
/// The phases are those of Teleport's rotation (standby, init, update_clients, update_servers).
public enum Phase {
  /// There is one root.
  STEADY("steady", "one root"),
  /// There is a second one, and nodes are told to believe it too.
  INTRODUCED("introduced", "nodes learn the new root"),
  /// Nodes get certificates of the second one; the hub still shows one of the first.
  NODES_MOVE("nodes-move", "nodes get certificates of the new root"),
  /// The hub shows a certificate of the second one; both are still believed.
  HUB_MOVES("hub-moves", "the hub shows a certificate of the new root");

  private final String word;
  private final String meaning;

  Phase(String word, String meaning) {
    this.word = word;
    this.meaning = meaning;
  }

  /// Its name outside, such as `nodes-move`.
  public String word() {
    return word;
  }

  /// What happens in it, for people.
  public String meaning() {
    return meaning;
  }

  /// The one after it.
  public Phase next() {
    return switch (this) {
      case STEADY -> INTRODUCED;
      case INTRODUCED -> NODES_MOVE;
      case NODES_MOVE -> HUB_MOVES;
      case HUB_MOVES -> STEADY;
    };
  }

  /// The one before it, when a rotation is taken back step by step.
  public Phase back() {
    return switch (this) {
      case STEADY, INTRODUCED -> STEADY;
      case NODES_MOVE -> INTRODUCED;
      case HUB_MOVES -> NODES_MOVE;
    };
  }
}
