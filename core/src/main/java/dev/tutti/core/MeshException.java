package dev.tutti.core;

/// A {@link Failure} on its way up a call stack: the one exception family of the mesh.
public final class MeshException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  /// Wraps a failure that has no deeper cause.
  public MeshException(Failure failure) {
    super(failure.message());
    this.failure = failure;
  }

  /// Wraps a failure together with what caused it.
  public MeshException(Failure failure, Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
  }

  /// What went wrong.
  public Failure failure() {
    return failure;
  }

  /// A request that is wrong in itself.
  public static MeshException invalid(String message) {
    return new MeshException(Failure.invalid(message));
  }
}
