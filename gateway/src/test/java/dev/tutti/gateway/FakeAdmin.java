package dev.tutti.gateway;

import dev.tutti.core.BackendId;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// Notes each command and answers with it.
final class FakeAdmin implements MeshAdmin {
  final List<String> commands = new CopyOnWriteArrayList<>();

  private Future<Map<String, Object>> note(String command) {
    commands.add(command);
    return Future.succeededFuture(Map.of("did", command));
  }

  @Override
  public Future<Map<String, Object>> addBackend(NewBackend backend) {
    return note("add " + backend.url() + " " + backend.slots() + " " + backend.name());
  }

  @Override
  public Future<Map<String, Object>> removeBackend(BackendId backend) {
    return note("remove " + backend);
  }

  @Override
  public Future<Map<String, Object>> probe(BackendId backend) {
    return note("probe " + backend);
  }

  @Override
  public Future<Map<String, Object>> placement() {
    return note("placement");
  }

  @Override
  public Future<Map<String, Object>> place() {
    return note("place");
  }

  @Override
  public Future<Map<String, Object>> drain(NodeId node) {
    return note("drain " + node);
  }

  @Override
  public Future<Map<String, Object>> resume(NodeId node) {
    return note("resume " + node);
  }

  @Override
  public Future<Map<String, Object>> pending() {
    return note("pending");
  }

  @Override
  public Future<Map<String, Object>> authority() {
    return note("authority");
  }

  @Override
  public Future<Map<String, Object>> rotate(boolean force) {
    return note("rotate " + force);
  }

  @Override
  public Future<Map<String, Object>> rollBack(boolean force) {
    return note("roll back " + force);
  }

  @Override
  public Future<Map<String, Object>> approve(NodeId node, Optional<String> code) {
    return Future.failedFuture(
        new MeshException(Refusals.pointless(FailureCode.INVALID_REQUEST, "it does not wait")));
  }

  @Override
  public Future<Map<String, Object>> removeNode(NodeId node) {
    return Future.failedFuture(new IllegalStateException("secret detail"));
  }

  @Override
  public Future<Map<String, Object>> invite(NodeId name, NodeRole role) {
    return note("invite " + name + " " + role.wireName());
  }

  @Override
  public Future<Map<String, Object>> discover() {
    return note("discover");
  }

  @Override
  public Future<Map<String, Object>> register(Registration registration) {
    return note("register " + registration);
  }

  @Override
  public Future<Map<String, Object>> heartbeat(NodeId node, Optional<String> address) {
    return note("heartbeat " + node + " " + address.orElse("?"));
  }
}
