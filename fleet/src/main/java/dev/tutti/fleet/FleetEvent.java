package dev.tutti.fleet;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;

/// One change of the fleet, told once, in order.
public sealed interface FleetEvent {
  /// A machine is known that was not.
  record NodeJoined(NodeView node) implements FleetEvent {}

  /// A machine changed: connected, lost, drained, resumed, approved.
  record NodeChanged(NodeView node, String why) implements FleetEvent {}

  /// A machine was removed by its owner.
  record NodeRemoved(NodeId node) implements FleetEvent {}

  /// A backend is known that was not.
  record BackendFound(BackendView backend) implements FleetEvent {}

  /// A backend's health, slots or version changed.
  record BackendChanged(BackendView backend, String why) implements FleetEvent {}

  /// A backend was removed, or turned out to be another one's second address.
  record BackendGone(BackendId backend, String why) implements FleetEvent {}

  /// A backend offers a model that it did not.
  record ModelAppeared(BackendId backend, NodeId node, ModelName model) implements FleetEvent {}

  /// A backend no longer offers a model.
  record ModelVanished(BackendId backend, NodeId node, ModelName model) implements FleetEvent {}

  /// A model is now in a backend's memory.
  record ModelLoaded(BackendId backend, NodeId node, ModelName model) implements FleetEvent {}

  /// A model has left a backend's memory.
  record ModelUnloaded(BackendId backend, NodeId node, ModelName model) implements FleetEvent {}
}
