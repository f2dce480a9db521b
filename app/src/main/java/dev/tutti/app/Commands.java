package dev.tutti.app;

import dev.tutti.backends.EngineAddress;
import dev.tutti.backends.Finding;
import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendNaming;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.NodeRole;
import dev.tutti.fleet.NodeView;
import dev.tutti.gateway.MeshAdmin;
import dev.tutti.gateway.PlacementDocuments;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.authority.AuthorityState;
import dev.tutti.link.authority.Phase;
import dev.tutti.link.hub.Enrolment;
import dev.tutti.link.hub.NodeRecord;
import dev.tutti.store.SavedBackend;
import dev.tutti.store.SqliteStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The commands that change the mesh, carried out. Owner loop only.
final class Commands implements MeshAdmin {
  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

  private final Fleet fleet;
  private final DirectBackends backends;
  private final AgentNodes agents;
  private final Enrolment enrolment;
  private final Authority authority;
  private final Vertx vertx;
  private final SqliteStore store;
  private final SavedNodes nodes;
  private final Placements placements;
  private final Function<Enrolment.Invitation, String> joinCommand;
  private @Nullable LocalSearch search;

  /// @param joinCommand the words a newcomer's owner types for an invitation
  Commands(
      Vertx vertx,
      Fleet fleet,
      DirectBackends backends,
      AgentNodes agents,
      Enrolment enrolment,
      Saved saved,
      Placements placements,
      Function<Enrolment.Invitation, String> joinCommand) {
    this.fleet = fleet;
    this.backends = backends;
    this.agents = agents;
    this.enrolment = enrolment;
    this.authority = saved.authority();
    this.vertx = vertx;
    this.store = saved.store();
    this.nodes = saved.nodes();
    this.placements = placements;
    this.joinCommand = joinCommand;
  }

  /// The search that {@link #discover()} asks; without one nothing is searched.
  void searching(LocalSearch search) {
    this.search = search;
  }

  @Override
  public Future<Map<String, Object>> addBackend(NewBackend wish) {
    return attempt(() -> {
      EngineAddress address = EngineAddress.parse(spec(wish));
      Optional<BackendId> known = backends.at(address);
      if (known.isPresent() && wish.name().isEmpty()) {
        throw MeshException.invalid(
            "url: " + address.url() + " is backend " + known.get() + " (expected: a new one)");
      }
      return backends
          .look(address)
          .map(finding -> {
            BackendId id = take(address, finding, SavedBackend.AddedBy.OWNER);
            return said(id, finding);
          });
    });
  }

  private static String spec(NewBackend wish) {
    var spec = new StringBuilder(wish.url());
    wish.slots().ifPresent(slots -> spec.append(",slots=").append(slots));
    wish.name().ifPresent(name -> spec.append(",name=").append(name));
    return spec.toString();
  }

  /// Takes an engine in under its own name, or a fitting one. What is certainly no engine is
  /// refused.
  BackendId take(EngineAddress address, Finding finding, SavedBackend.AddedBy by) {
    NodeId node = backends.nodeOf(address);
    BackendId id = nameFor(address, node, finding);
    if (by == SavedBackend.AddedBy.OWNER) {
      refuseWhatIsNoEngine(address, finding);
    }
    backends.add(id, node, address);
    if (finding instanceof Finding.Found(BackendFacts facts)) {
      fleet.probed(id, facts);
    }
    if (by == SavedBackend.AddedBy.OWNER) {
      written(
          id, store.saveBackend(SavedBackend.added(id, node, address.url(), address.slots(), by)));
    }
    return id;
  }

  private static void refuseWhatIsNoEngine(EngineAddress address, Finding finding) {
    switch (finding) {
      case Finding.NoEngine(String why) ->
          throw MeshException.invalid(
              "url: " + address.url() + " " + why + " (expected: an engine)");
      case Finding.ThisHub() ->
          throw MeshException.invalid(
              "url: " + address.url() + " leads back to this hub (expected: an engine)");
      case Finding.Found _, Finding.Unavailable _ -> {
        // what is down now may come up
      }
    }
  }

  /// Says in the log what is wrong with an engine that somebody named.
  static void warnAbout(EngineAddress address, Finding finding) {
    switch (finding) {
      case Finding.Found _ -> {
        // as it should be
      }
      case Finding.Unavailable(var failure) ->
          LOG.warn(
              "A backend does not answer yet. url={} cause={}", address.url(), failure.message());
      case Finding.NoEngine(String why) ->
          LOG.warn("A backend is no engine. url={} cause={}", address.url(), why);
      case Finding.ThisHub() -> LOG.warn("A backend is this hub itself. url={}", address.url());
    }
  }

  /// What could not be written down holds until the next start, and the log says so.
  private static void written(BackendId id, CompletionStage<?> change) {
    Future.fromCompletionStage(change)
        .onFailure(trouble ->
            LOG.warn(
                "A backend could not be written down. backend={} cause={}",
                id,
                trouble.getMessage()));
  }

  private BackendId nameFor(EngineAddress address, NodeId node, Finding finding) {
    if (address.name().isPresent()) {
      return new BackendId(address.name().get());
    }
    Optional<BackendId> known = backends.at(address);
    if (known.isPresent()) {
      return known.get();
    }
    var taken = fleet.view().backends().keySet();
    var mine = backends.addresses().keySet();
    if (finding instanceof Finding.Found(BackendFacts facts)) {
      return BackendNaming.choose(
          node, facts.kind(), address.port(), id -> taken.contains(id) || mine.contains(id));
    }
    return BackendNaming.inNode(node, "backend-" + address.port());
  }

  @Override
  public Future<Map<String, Object>> removeBackend(BackendId id) {
    return attempt(() -> {
      if (!backends.remove(id)) {
        throw absent("backend", id.value());
      }
      written(id, store.removeBackend(id));
      return Future.succeededFuture(Map.of("backend", id.value(), "removed", true));
    });
  }

  @Override
  public Future<Map<String, Object>> probe(BackendId id) {
    return attempt(() -> {
      Optional<Future<Finding>> probe = backends.probe(id);
      if (probe.isPresent()) {
        return probe.get().map(finding -> said(id, finding));
      }
      BackendView view =
          Optional.ofNullable(fleet.view().backends().get(id))
              .orElseThrow(() -> absent("backend", id.value()));
      // An agent probes its own engines all the time: its newest word is the answer.
      return Future.succeededFuture(said(id, new Finding.Found(view.facts())));
    });
  }

  @Override
  public Future<Map<String, Object>> placement() {
    return placements.plan().map(PlacementDocuments::of);
  }

  @Override
  public Future<Map<String, Object>> place() {
    return placements.carryOut().map(PlacementDocuments::begun);
  }

  @Override
  public Future<Map<String, Object>> drain(NodeId node) {
    return onNode(
        node,
        () -> {
          fleet.drain(node);
          nodes.drained(node, true);
        });
  }

  @Override
  public Future<Map<String, Object>> resume(NodeId node) {
    return onNode(
        node,
        () -> {
          fleet.resume(node);
          nodes.drained(node, false);
        });
  }

  @Override
  public Future<Map<String, Object>> pending() {
    return Future.succeededFuture(
        Map.of("pending", agents.pending().stream().map(AuthorityDocuments::pending).toList()));
  }

  @Override
  public Future<Map<String, Object>> approve(NodeId node, Optional<String> code) {
    return attempt(() -> {
      Optional<String> shown =
          agents.pending().stream()
              .filter(each -> each.node().equals(node))
              .map(Enrolment.PendingNode::code)
              .findFirst();
      if (code.isPresent() && !shown.map(Commands::digits).equals(code.map(Commands::digits))) {
        throw MeshException.invalid(
            "code: another one (expected: the one that the newcomer shows; if it shows this one,"
                + " somebody is in between)");
      }
      if (!agents.approve(node)) {
        throw absent("waiting node", node.value());
      }
      var answer = new LinkedHashMap<String, Object>();
      answer.put("node_id", node.value());
      answer.put("approved", true);
      shown.ifPresent(known -> answer.put("code", known));
      return Future.succeededFuture(answer);
    });
  }

  private static String digits(String code) {
    return code.replaceAll("\\D", "");
  }

  @Override
  public Future<Map<String, Object>> authority() {
    return Future.succeededFuture(
        AuthorityDocuments.authority(authority.state(), enrolment.nodes()));
  }

  @Override
  public Future<Map<String, Object>> rotate(boolean force) {
    return move(force, authority::onward);
  }

  @Override
  public Future<Map<String, Object>> rollBack(boolean force) {
    return move(force, authority::backward);
  }

  /// Every node must have followed the last step before the next one is taken: else it would be
  /// left outside.
  private Future<Map<String, Object>> move(boolean force, Function<Instant, AuthorityState> step) {
    return attempt(() -> {
      AuthorityState before = authority.state();
      List<String> behind = AuthorityDocuments.behind(before, enrolment.nodes());
      if (!force && before.phase() != Phase.STEADY && !behind.isEmpty()) {
        throw MeshException.invalid(
            "nodes that have not followed yet: "
                + String.join(", ", behind)
                + " (expected: none; wait, remove them, or --force and invite them anew)");
      }
      Instant newest = newestCertificate();
      return AuthorityDocuments.off(vertx, () -> step.apply(newest))
          .map(after -> {
            agents.wantRenewals();
            return AuthorityDocuments.authority(after, enrolment.nodes());
          });
    });
  }

  private Instant newestCertificate() {
    return enrolment.nodes().stream()
        .map(NodeRecord::certifiedAt)
        .max(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  @Override
  public Future<Map<String, Object>> removeNode(NodeId node) {
    var removed = new ArrayList<Future<?>>();
    return onNode(
            node,
            () -> {
              for (BackendId id : List.copyOf(backends.addresses().keySet())) {
                boolean here =
                    Optional.ofNullable(fleet.view().backends().get(id))
                        .filter(view -> view.node().equals(node))
                        .isPresent();
                if (here) {
                  backends.remove(id);
                  written(id, store.removeBackend(id));
                }
              }
              removed.add(agents.remove(node));
            })
        // Who was sent away stays away, whatever happens to this process next.
        .compose(answer -> Future.join(removed).map(answer));
  }

  @Override
  public Future<Map<String, Object>> invite(NodeId name, NodeRole role) {
    return attempt(() -> {
      Enrolment.Invitation invitation = enrolment.invite(name, role);
      var answer = new LinkedHashMap<String, Object>();
      answer.put("node_id", invitation.node().value());
      answer.put("role", invitation.role().wireName());
      answer.put("token", invitation.token());
      answer.put("command", joinCommand.apply(invitation));
      answer.put("expires_at", invitation.expiresAt().toString());
      return Future.succeededFuture(answer);
    });
  }

  @Override
  public Future<Map<String, Object>> discover() {
    if (search == null) {
      return Future.failedFuture(
          MeshException.invalid("discover: off (expected: a hub without --no-discover)"));
    }
    return search
        .once()
        .map(engines -> {
          var found = new ArrayList<Map<String, Object>>();
          for (LocalSearch.Engine engine : engines) {
            found.add(
                Map.of(
                    "url",
                    engine.address().url(),
                    "kind",
                    engine.facts().kind().wireName(),
                    "models",
                    engine.facts().models().size()));
          }
          return Map.of("found", found);
        });
  }

  @Override
  public Future<Map<String, Object>> register(Registration registration) {
    return attempt(() -> {
      NodeId node = registration.node();
      String host = registration.address().orElse(registration.hostname());
      boolean known = fleet.view().node(node).isPresent();
      OptionalInt port = registration.ollamaPort();
      if (port.isPresent() && !host.isEmpty()) {
        EngineAddress address = EngineAddress.parse("http://" + host + ":" + port.getAsInt());
        if (backends.at(address).isEmpty()) {
          // A stranger's word only suggests: an owner adds the engine.
          return Future.succeededFuture(
              Map.of(
                  "node_id",
                  node.value(),
                  "registered",
                  known,
                  "suggestion",
                  "tutti backend add " + address.url()));
        }
      }
      return Future.succeededFuture(Map.of("node_id", node.value(), "registered", known));
    });
  }

  @Override
  public Future<Map<String, Object>> heartbeat(NodeId node, Optional<String> address) {
    boolean known = fleet.view().node(node).isPresent();
    if (known) {
      fleet.heartbeat(node);
    }
    return Future.succeededFuture(Map.of("node_id", node.value(), "known", known));
  }

  private Future<Map<String, Object>> onNode(NodeId node, Runnable command) {
    return attempt(() -> {
      Optional<NodeView> known = fleet.view().node(node);
      if (known.isEmpty()) {
        throw absent("node", node.value());
      }
      command.run();
      var answer = new LinkedHashMap<String, Object>();
      answer.put("node_id", node.value());
      fleet
          .view()
          .node(node)
          .ifPresentOrElse(
              view -> answer.put("drained", view.drained()), () -> answer.put("removed", true));
      return Future.succeededFuture(answer);
    });
  }

  private Map<String, Object> said(BackendId id, Finding finding) {
    var answer = new LinkedHashMap<String, Object>();
    answer.put("backend", id.value());
    switch (finding) {
      case Finding.Found(BackendFacts facts) -> {
        answer.put("health", "up");
        answer.put("kind", facts.kind().wireName());
        answer.put("version", facts.version());
        answer.put("models", facts.models().stream().map(model -> model.name().value()).toList());
      }
      case Finding.Unavailable(Failure failure) -> {
        answer.put("health", "down");
        answer.put("trouble", failure.message());
      }
      case Finding.NoEngine(String why) -> {
        answer.put("health", "down");
        answer.put("trouble", why);
      }
      case Finding.ThisHub() -> {
        answer.put("health", "down");
        answer.put("trouble", "the address leads back to this hub");
      }
    }
    BackendView view = fleet.view().backends().get(id);
    if (view != null) {
      answer.put("node", view.node().value());
      answer.put("slots", view.slots());
      answer.put("health", view.health().name().toLowerCase(Locale.ROOT));
    }
    return answer;
  }

  private static MeshException absent(String what, String name) {
    return new MeshException(
        Failure.of(
            FailureCode.NOT_FOUND,
            Retry.POINTLESS,
            what + ": " + name + " (expected: one that is known)"));
  }

  /// What is refused while a command is checked is an answer like any other.
  private static Future<Map<String, Object>> attempt(Command command) {
    try {
      return command.run();
    } catch (MeshException refused) {
      return Future.failedFuture(refused);
    } catch (IllegalArgumentException wrong) {
      return Future.failedFuture(
          new MeshException(Failure.invalid(String.valueOf(wrong.getMessage())), wrong));
    }
  }

  @FunctionalInterface
  private interface Command {
    Future<Map<String, Object>> run();
  }
}
