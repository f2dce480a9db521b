package dev.tutti.app;

import dev.tutti.link.authority.AuthorityState;
import dev.tutti.link.authority.Phase;
import dev.tutti.link.hub.Enrolment;
import dev.tutti.link.hub.NodeRecord;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// What the mesh's API says of the authority and of those who wait.
final class AuthorityDocuments {
  private AuthorityDocuments() {}

  static Map<String, Object> pending(Enrolment.PendingNode node) {
    var map = new LinkedHashMap<String, Object>();
    map.put("node_id", node.node().value());
    map.put("code", node.code());
    map.put("host", node.host());
    map.put("address", node.address());
    map.put("version", node.version());
    map.put("since", node.since().toString());
    return map;
  }

  static Map<String, Object> authority(AuthorityState state, List<NodeRecord> nodes) {
    var map = new LinkedHashMap<String, Object>();
    map.put("mesh", state.mesh());
    map.put("phase", state.phase().word());
    map.put("meaning", state.phase().meaning());
    map.put("since", state.since().toString());
    map.put("pin", state.forHub().pin().text());
    map.put("pins", state.pins().stream().map(Object::toString).toList());
    map.put("root_until", state.current().root().getNotAfter().toInstant().toString());
    map.put(
        "intermediate_until", state.current().intermediate().getNotAfter().toInstant().toString());
    state.hub().ifPresent(hub -> map.put("hub_until", hub.notAfter().toString()));
    map.put("behind", behind(state, nodes));
    return map;
  }

  /// Nodes whose newest certificate is older than the phase.
  static List<String> behind(AuthorityState state, List<NodeRecord> nodes) {
    return state.phase() == Phase.STEADY
        ? List.of()
        : nodes.stream()
            .filter(node -> node.certifiedAt().isBefore(state.since()))
            .map(node -> node.node().value())
            .toList();
  }

  /// Runs what signs and saves where it holds nobody up.
  static Future<AuthorityState> off(Vertx vertx, Supplier<AuthorityState> step) {
    Promise<AuthorityState> done = Promise.promise();
    vertx.<Boolean>executeBlocking(
        () -> {
          try {
            done.complete(step.get());
          } catch (RuntimeException broken) {
            done.fail(broken);
          }
          return true;
        },
        false);
    return done.future();
  }
}
