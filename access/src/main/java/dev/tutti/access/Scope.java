package dev.tutti.access;

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
  NODES
}
