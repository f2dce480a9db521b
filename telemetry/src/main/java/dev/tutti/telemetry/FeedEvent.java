package dev.tutti.telemetry;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// One event of the feed.
///
/// @param id greater than every id before it; fits into a JavaScript number
/// @param at the wall clock, for display
/// @param kind what it tells of
/// @param payload texts, numbers, booleans, lists and maps of such, ready to become JSON; in order
public record FeedEvent(long id, Instant at, EventKind kind, Map<String, Object> payload) {
  /// Copies the map and keeps its order.
  public FeedEvent {
    payload = Collections.unmodifiableMap(new LinkedHashMap<>(payload));
  }

  /// The event as one flat JSON-ready object: `id`, `at`, `kind`, then `data`.
  public Map<String, Object> toMap() {
    var map = new LinkedHashMap<String, Object>();
    map.put("id", id);
    map.put("at", at.toString());
    map.put("kind", kind.wireName());
    map.put("data", payload);
    return map;
  }
}
