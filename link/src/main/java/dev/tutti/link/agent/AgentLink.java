package dev.tutti.link.agent;

import dev.tutti.core.Time;
import dev.tutti.link.NodeReport;
import dev.tutti.link.ReportCodec;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The agent's end of the link: a pulse on a loop and a connection of its own, and slots' streams
/// on another connection, on the owner's loop.
///
/// Everything here is for the owner's loop. Streams are offered while the hub answers the pulse.
public final class AgentLink {
  private final Vertx vertx;
  private final Owner owner;
  private final SlotClient slots;
  private final AgentListener listener;
  private @Nullable Pulse pulse;
  private @Nullable String deployment;
  private boolean closed;

  private AgentLink(Vertx vertx, Owner owner, SlotClient slots, AgentListener listener) {
    this.vertx = vertx;
    this.owner = owner;
    this.slots = slots;
    this.listener = listener;
  }

  /// Begins to dial, and keeps at it until {@link #close} or until the hub removes the node. Call
  /// it on `context`, the owner's event loop.
  ///
  /// @param report what is told first
  /// @param clock time whose timers run on the given loop
  public static Future<AgentLink> start(
      Vertx vertx,
      Context context,
      HubAddress hub,
      AgentIdentity identity,
      NodeReport report,
      AgentListener listener,
      Function<Context, Time> clock,
      RandomGenerator random) {
    var owner = new Owner(context);
    var slots = new SlotClient(vertx, hub, identity, clock.apply(context), random);
    var link = new AgentLink(vertx, owner, slots, listener);
    var pulse = new Pulse(vertx, hub, identity, link.fromPulse(), clock, random);
    link.pulse = pulse;
    link.report(report);
    return vertx
        .deployVerticle(pulse)
        .map(id -> {
          link.deployment = id;
          return link;
        });
  }

  /// Tells the hub what the machine and its engines are like now. Of more models than fit into one
  /// message some are left out, those in memory last.
  public void report(NodeReport report) {
    Pulse beating = pulse;
    if (beating != null) {
      beating.report(ReportCodec.writeFitting(report));
    }
  }

  /// Offers these engines from now on, and no others. A withdrawn engine's running exchanges
  /// finish.
  public void offer(Map<String, LocalBackend> backends) {
    slots.offer(backends);
  }

  /// Ends everything; running exchanges are cancelled.
  public Future<Void> close() {
    closed = true;
    slots.close();
    String running = deployment;
    deployment = null;
    return running == null ? Future.succeededFuture() : vertx.undeploy(running);
  }

  /// What the pulse says, brought over to the owner's loop.
  private AgentListener fromPulse() {
    return new AgentListener() {
      @Override
      public void connected() {
        tell(() -> {
          slots.hubAnswers();
          listener.connected();
        });
      }

      @Override
      public void disconnected(String why) {
        tell(() -> {
          slots.hubSilent();
          listener.disconnected(why);
        });
      }

      @Override
      public void refused(String why) {
        tell(() -> listener.refused(why));
      }

      @Override
      public void removed() {
        tell(() -> {
          slots.close();
          listener.removed();
        });
      }
    };
  }

  private void tell(Runnable event) {
    owner.run(() -> {
      if (!closed) {
        event.run();
      }
    });
  }

  private record Owner(Context context) {
    void run(Runnable task) {
      context.runOnContext(_ -> task.run());
    }
  }

  /// The pulse with the loop that the deployment gives it.
  private static final class Pulse implements Deployable {
    private final Vertx vertx;
    private final HubAddress hub;
    private final AgentIdentity identity;
    private final AgentListener listener;
    private final Function<Context, Time> clock;
    private final RandomGenerator random;
    private volatile @Nullable Running running;
    private volatile dev.tutti.wire.node.@Nullable NodeReport newest;

    Pulse(
        Vertx vertx,
        HubAddress hub,
        AgentIdentity identity,
        AgentListener listener,
        Function<Context, Time> clock,
        RandomGenerator random) {
      this.vertx = vertx;
      this.hub = hub;
      this.identity = identity;
      this.listener = listener;
      this.clock = clock;
      this.random = random;
    }

    private record Running(Context context, PulseClient client) {}

    void report(dev.tutti.wire.node.NodeReport report) {
      newest = report;
      Running now = running;
      if (now != null) {
        now.context().runOnContext(_ -> sendNewest(now));
      }
    }

    private void sendNewest(Running now) {
      dev.tutti.wire.node.NodeReport report = newest;
      if (report != null) {
        now.client().report(report);
      }
    }

    @Override
    public Future<?> deploy(Context context) {
      var client = new PulseClient(vertx, hub, identity, clock.apply(context), random, listener);
      var now = new Running(context, client);
      running = now;
      sendNewest(now);
      client.start();
      return Future.succeededFuture();
    }

    @Override
    public Future<?> undeploy(Context context) {
      Running now = running;
      if (now != null) {
        now.client().stop();
      }
      return Future.succeededFuture();
    }
  }
}
