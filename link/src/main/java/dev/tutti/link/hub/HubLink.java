package dev.tutti.link.hub;

import dev.tutti.backends.Transport;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.link.authority.Authority;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The hub's end of the link. Listens on an event loop of its own, so that a busy owner never looks
/// like a dead node; calls `admission` and `listener` on the owner's loop only.
///
/// Apart from {@link #start} and {@link #close}, everything here is for the owner's loop.
public final class HubLink {
  private final Vertx vertx;
  private final String deployment;
  private final NodeServer server;
  private final Roster roster;
  private final Executor owner;
  private @Nullable Future<Void> closing;

  private HubLink(
      Vertx vertx, String deployment, NodeServer server, Roster roster, Executor owner) {
    this.vertx = vertx;
    this.deployment = deployment;
    this.server = server;
    this.roster = roster;
    this.owner = owner;
  }

  /// Loads what the first connection in TLS needs: done there, it would keep the loop of the pulses
  /// waiting for a good part of a second. Blocks; harmless when repeated.
  public static void prepare() {
    try {
      Class.forName(
          "io.netty.handler.ssl.JdkSslServerContext", true, HubLink.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("TLS: not there (expected: Netty's)", e);
    }
  }

  /// Starts listening; fails when the address cannot be bound.
  ///
  /// @param authority makes what nodes show, and what this end shows
  /// @param owner runs a task on the owner's loop, in order
  /// @param clock time whose timers run on the given loop
  public static Future<HubLink> start(
      Vertx vertx,
      HubLinkOptions options,
      Authority authority,
      NodeAdmission admission,
      LinkListener listener,
      Executor owner,
      Function<Context, Time> clock) {
    var starting = new Starting(vertx, options, authority, admission, listener, owner, clock);
    return vertx
        .deployVerticle(starting)
        .map(id -> {
          Started started = starting.started();
          return new HubLink(vertx, id, started.server(), started.roster(), owner);
        });
  }

  /// The port it listens on. Any thread.
  public int port() {
    return server.port();
  }

  /// A transport that carries each exchange through a free slot of the backend. It exists whether
  /// or not there is any: without one an exchange fails as busy, safe to try elsewhere.
  public Transport transport(NodeId node, String backend) {
    return new TunnelTransport(roster, owner, node, backend);
  }

  /// How many slots of a backend are free now.
  public int freeSlots(NodeId node, String backend) {
    return roster.freeSlots(node, backend);
  }

  /// Tells a node that it was removed, and ends all its exchanges and, a moment later, every
  /// connection that shows that id.
  public void remove(NodeId node, UUID uuid) {
    roster.remove(node);
    server.drop(uuid);
  }

  /// Asks a connected node to renew its certificate now.
  public void wantRenewal(NodeId node) {
    roster.wantRenewal(node);
  }

  /// Asks all connected nodes to renew their certificates now.
  public void wantRenewals() {
    roster.wantRenewals();
  }

  /// Ends every connection and stops listening; harmless when repeated. Any thread.
  public synchronized Future<Void> close() {
    Future<Void> known = closing;
    if (known == null) {
      known = vertx.undeploy(deployment);
      closing = known;
    }
    return known;
  }

  /// Brings the server up on the loop that the deployment gives it.
  private static final class Starting implements Deployable {
    private final Vertx vertx;
    private final HubLinkOptions options;
    private final Authority authority;
    private final NodeAdmission admission;
    private final LinkListener listener;
    private final Executor owner;
    private final Function<Context, Time> clock;
    private volatile @Nullable Started started;

    Starting(
        Vertx vertx,
        HubLinkOptions options,
        Authority authority,
        NodeAdmission admission,
        LinkListener listener,
        Executor owner,
        Function<Context, Time> clock) {
      this.vertx = vertx;
      this.options = options;
      this.authority = authority;
      this.owner = owner;
      this.clock = clock;
      this.admission = admission;
      this.listener = listener;
    }

    Started started() {
      Started now = started;
      if (now == null) {
        throw new IllegalStateException("hub link: not started (expected: deployed)");
      }
      return now;
    }

    @Override
    public Future<?> deploy(Context context) {
      Time time = clock.apply(context);
      var roster = new Roster(admission, listener, time);
      var server =
          new NodeServer(vertx, new Loop(context), time, roster, owner, authority, options.hubId());
      started = new Started(server, roster);
      return server.listen(options);
    }

    @Override
    public Future<?> undeploy(Context context) {
      return started().server().close();
    }
  }

  private record Started(NodeServer server, Roster roster) {}
}
