package dev.tutti.access.audit;

/// What can be done that is written down. The names in the log never change.
public enum AuditAction {
  HUB_STARTED("hub.started"),
  HUB_STOPPED("hub.stopped"),
  SETTINGS_READ("settings.read"),
  NODE_INVITED("node.invite"),
  NODE_JOINED("node.join"),
  NODE_REFUSED("node.refuse"),
  NODE_APPROVED("node.approve"),
  NODE_REMOVED("node.remove"),
  NODE_DRAINED("node.drain"),
  NODE_RESUMED("node.resume"),
  AUTHORITY_CHANGED("authority.change"),
  BACKEND_ADDED("backend.add"),
  BACKEND_REMOVED("backend.remove"),
  MODEL_PULLED("model.pull"),
  MODEL_PUSHED("model.push"),
  MODEL_CREATED("model.create"),
  MODEL_COPIED("model.copy"),
  MODEL_DELETED("model.delete"),
  MODEL_PART_UPLOADED("model.upload"),
  MODELS_PLACED("model.place"),
  KEY_CREATED("key.create"),
  KEY_REVOKED("key.revoke"),
  ACCESS_REFUSED("access.refuse"),
  REQUEST_ENDED("request.end"),
  /// The log itself: what could not be written, or what was found at its end after a crash.
  LOG_MENDED("audit.mend");

  private final String wireName;

  AuditAction(String wireName) {
    this.wireName = wireName;
  }

  /// The name in the log.
  public String wireName() {
    return wireName;
  }
}
