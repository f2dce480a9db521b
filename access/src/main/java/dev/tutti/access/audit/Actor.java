package dev.tutti.access.audit;

/// Who did something.
///
/// @param kind what sort of somebody
/// @param name the principal's name, or the node's; empty where nobody needs a key
/// @param from the address the request came from; empty where there was no request
public record Actor(Kind kind, String name, String from) {
  /// The hub itself: because time passed, or a file changed.
  public static final Actor HUB = new Actor(Kind.HUB, "", "");

  /// What sorts there are.
  public enum Kind {
    /// Whoever has a key, or needs none.
    CLIENT("client"),
    /// A machine of the mesh, or one that wants to become one.
    NODE("node"),
    /// The hub itself.
    HUB("hub");

    private final String wireName;

    Kind(String wireName) {
      this.wireName = wireName;
    }

    String wireName() {
      return wireName;
    }
  }

  /// Cuts what is too long.
  public Actor {
    name = AuditLimits.cut(name);
    from = AuditLimits.cut(from);
  }

  /// A client.
  public static Actor client(String principal, String from) {
    return new Actor(Kind.CLIENT, principal, from);
  }

  /// A machine.
  public static Actor node(String name, String from) {
    return new Actor(Kind.NODE, name, from);
  }
}
