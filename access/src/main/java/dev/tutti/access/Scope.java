package dev.tutti.access;

import java.util.Locale;
import java.util.Optional;

/// What kind of thing somebody may do. A key carries a set of these; nothing follows from another:
/// who may administer may not therefore ask for answers.
public enum Scope {
  /// Asking for answers, and seeing one's own tasks.
  INFER,
  /// Everything that changes the mesh or shows what others do with it.
  ADMIN,
  /// Running tools through the mesh.
  TOOLS,
  /// Being a machine of the mesh, or registering one.
  NODES;

  /// The name in commands and documents.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The scope of that name.
  public static Optional<Scope> of(String name) {
    for (Scope scope : values()) {
      if (scope.wireName().equals(name)) {
        return Optional.of(scope);
      }
    }
    return Optional.empty();
  }
}
