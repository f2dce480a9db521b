package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import dev.tutti.link.NodeReport;
import java.time.Duration;

/// Hears what happens on the link, on the owner's loop, in order for each node.
///
/// For one node: connected, then reports and heartbeats, then disconnected, and so on. Slots are
/// independent of the pulse: they are told once a report has named their backend, and stay while
/// their own streams live, even when the pulse is lost for a moment.
public interface LinkListener {
  /// A node's pulse is there; an older connection of the same node has been replaced silently.
  ///
  /// @param address where it comes from, without the port
  void nodeConnected(NodeId node, String address, long incarnation, String version);

  /// What the node says about itself, as a whole; of reports faster than the owner only the newest.
  void report(NodeId node, NodeReport report);

  /// A sign of life: a heartbeat, or bytes on one of its slots.
  void heartbeat(NodeId node);

  /// How far the node's wall clock is ahead of the hub's, when it is known for the first time and
  /// when it has changed by more than a little. What a heartbeat took on its way counts as
  /// lateness; that is seconds at most, since either end gives a silent connection up. Agents of
  /// earlier versions do not tell.
  ///
  /// @param ahead negative when it is behind
  void clock(NodeId node, Duration ahead);

  /// The pulse is gone.
  void nodeDisconnected(NodeId node, String why);

  /// One more slot of a reported backend is free.
  void slotOpened(NodeId node, String backend);

  /// A free slot of a backend is gone.
  void slotClosed(NodeId node, String backend);
}
