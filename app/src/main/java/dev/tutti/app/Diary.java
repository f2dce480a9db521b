package dev.tutti.app;

import dev.tutti.access.audit.Actor;
import dev.tutti.access.audit.AuditAction;
import dev.tutti.access.audit.AuditEntry;
import dev.tutti.access.audit.AuditLog;
import dev.tutti.app.cli.Version;
import dev.tutti.link.hub.NodeRecord;
import dev.tutti.store.audit.AuditFile;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.telemetry.EventKind;
import java.util.Map;
import java.util.concurrent.Executor;

/// What the hub itself writes into the audit log, and what it does when the log is in trouble. Any
/// thread.
///
/// @param salt secret; what hashes of prompts are made with
record Diary(AuditFile file, String salt) implements AutoCloseable {
  /// Where others write.
  AuditLog log() {
    return file;
  }

  /// Who tells of requests.
  Witness witness(Executor offLoop) {
    return new Witness(file, salt, offLoop);
  }

  /// The hub starts. From now on everybody who watches is told of trouble with the log.
  ///
  /// @param onLoop runs on the owner's loop, to which the feed belongs
  void begin(EventFeed feed, Executor onLoop) {
    file.listener(trouble ->
        onLoop.execute(() -> feed.publish(EventKind.AUDIT_TROUBLE, Map.of("trouble", trouble))));
    file.record(
        AuditEntry.done(Actor.HUB, AuditAction.HUB_STARTED, "").with("version", Version.NUMBER));
  }

  /// The settings were read again and hold.
  void read(Settings fresh) {
    file.record(
        AuditEntry.done(Actor.HUB, AuditAction.SETTINGS_READ, "")
            .with("strategy", fresh.strategy().wireName())
            .with("backends", Integer.toString(fresh.backends().size()))
            .with("rules", Integer.toString(fresh.policy().rules().size())));
  }

  /// A machine joined.
  void joined(NodeRecord node) {
    file.record(
        AuditEntry.done(
                Actor.node(node.node().value(), ""),
                AuditAction.NODE_JOINED,
                "node:" + node.node().value())
            .with("id", node.uuid().toString())
            .with("role", node.role().wireName())
            .with("host", node.host()));
  }

  /// A key was made or revoked.
  void key(Keys.Change change) {
    Actor by = change.by().isEmpty() ? Actor.HUB : Actor.client(change.by(), "");
    AuditAction action =
        switch (change.what()) {
          case CREATED -> AuditAction.KEY_CREATED;
          case REVOKED -> AuditAction.KEY_REVOKED;
        };
    file.record(
        AuditEntry.done(by, action, change.key().name())
            .with("id", change.key().id())
            .with("scopes", change.key().rights().scopes().stream().sorted().toList().toString()));
  }

  /// The hub ends.
  void end() {
    file.record(AuditEntry.done(Actor.HUB, AuditAction.HUB_STOPPED, ""));
  }

  @Override
  public void close() {
    file.close();
  }
}
