package dev.tutti.telemetry;

import java.util.Map;

/// What stands at one moment, as opposed to what is counted.
///
/// @param queueLength tasks that wait for a slot
/// @param activeByBackend running attempts by backend
/// @param nodesUp machines that can be reached
/// @param nodesKnown machines in all
/// @param backendsUp engines that take work
/// @param backendsKnown engines in all
/// @param feedSubscribers watchers of the event feed
/// @param clientConnections open connections of clients
/// @param bufferedBytes request bodies held in memory, in bytes
public record Levels(
    int queueLength,
    Map<String, Integer> activeByBackend,
    int nodesUp,
    int nodesKnown,
    int backendsUp,
    int backendsKnown,
    int feedSubscribers,
    int clientConnections,
    long bufferedBytes) {
  /// Nothing anywhere.
  public static final Levels NONE = new Levels(0, Map.of(), 0, 0, 0, 0, 0, 0, 0);

  /// Copies the map.
  public Levels {
    activeByBackend = Map.copyOf(activeByBackend);
  }
}
