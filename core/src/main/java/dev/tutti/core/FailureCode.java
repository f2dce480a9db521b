package dev.tutti.core;

/// What went wrong, in the mesh's own words. Each dialect maps a code to its own status and type.
public enum FailureCode {
  /// The request itself is malformed or not allowed by its dialect.
  INVALID_REQUEST(400),
  /// No principal could be found for the request.
  UNAUTHENTICATED(401),
  /// The principal may not do this.
  FORBIDDEN(403),
  /// No node ever had this model, or there is no such thing.
  NOT_FOUND(404),
  /// The path exists, the method does not.
  METHOD_NOT_ALLOWED(405),
  /// The body is larger than the limit.
  TOO_LARGE(413),
  /// The answer that is asked for again is no longer there.
  ANSWER_GONE(409),
  /// A key that stands for one request came with another.
  KEY_REUSED(422),
  /// The request names another host than this one.
  MISDIRECTED(421),
  /// The principal asks for more in this minute, or for more at a time, than it may.
  RATE_LIMITED(429),
  /// What the principal may spend is spent.
  OVER_BUDGET(429),
  /// Such a request killed engines, and is kept away from the others for a while.
  POISONED_REQUEST(422),
  /// The client went away.
  CANCELLED(499),
  /// A fault of ours.
  INTERNAL(500),
  /// Known to the dialect, not offered by the mesh or by any capable backend.
  UNSUPPORTED(501),
  /// The engine refused the connection or it was lost before an answer began.
  ENGINE_UNREACHABLE(502),
  /// The engine answered with an error of its own or with something that is no answer.
  ENGINE_ERROR(502),
  /// The stream broke after the answer had begun.
  BROKEN_STREAM(502),
  /// Nobody was free in time, or the queue is full.
  BUSY(503),
  /// The engine said that it is busy or still loading.
  ENGINE_BUSY(503),
  /// The engine went silent for too long.
  ENGINE_STALLED(504),
  /// The request has been through this hub before.
  LOOP(508);

  private final int httpStatus;

  FailureCode(int httpStatus) {
    this.httpStatus = httpStatus;
  }

  /// The HTTP status this code has unless the dialect says otherwise.
  public int httpStatus() {
    return httpStatus;
  }
}
