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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The agent's end of the link: a pulse on a loop and a connection of its own, and slots' streams
/// on another connection, on the owner's loop; and the certificate that both show, in time.
///
/// Everything here is for the owner's loop. Streams are offered while the hub answers the pulse.
public final class AgentLink {
  private static final Logger log = LoggerFactory.getLogger(AgentLink.class);

  private final Vertx vertx;
  private final Owner owner;
  private final Dialler dialler;
  private final AtWork atWork = new AtWork();
  private final SlotClient slots;
  private final AgentRenewal renewal;
  private final AgentListener listener;
  private @Nullable Pulse pulse;
  private @Nullable String deployment;
  private boolean closed;

  private AgentLink(
      Vertx vertx,
      Owner owner,
      Dialler dialler,
      Time time,
      AgentListener listener,
      RandomGenerator random) {
    this.vertx = vertx;
    this.owner = owner;
    this.dialler = dialler;
    this.slots = new SlotClient(vertx, dialler, time, random, atWork);
    this.renewal = new AgentRenewal(vertx, dialler, time, fromRenewal());
    this.listener = listener;
  }

  /// Begins to dial, and keeps at it until {@link #close} or until the hub removes the node. Call
  /// it on `context`, the owner's event loop.
  ///
  /// @param badge what it shows first; a renewed one is told to `listener`
  /// @param report what is told first
  /// @param clock time whose timers run on the given loop
  public static Future<AgentLink> start(
      Vertx vertx,
      Context context,
      HubAddress hub,
      Badge badge,
      AgentIdentity identity,
      NodeReport report,
      AgentListener listener,
      Function<Context, Time> clock,
      RandomGenerator random) {
    Time time = clock.apply(context);
    var dialler = new Dialler(hub, badge, time::now);
    var link = new AgentLink(vertx, new Owner(context), dialler, time, listener, random);
    var pulse = new Pulse(vertx, dialler, identity, link.fromPulse(), link.atWork, clock, random);
    link.pulse = pulse;
    link.report(report);
    link.renewal.start();
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
    renewal.stop();
    slots.close();
    String running = deployment;
    deployment = null;
    return running == null ? Future.succeededFuture() : vertx.undeploy(running);
  }

  /// What the pulse says, brought over to the owner's loop.
  private PulseClient.Told fromPulse() {
    return new PulseClient.Told() {
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
        tell(() -> {
          listener.refused(why);
          renewal.refused();
        });
      }

      @Override
      public void removed() {
        tell(AgentLink.this::removed);
      }

      @Override
      public void renewalWanted() {
        tell(renewal::wanted);
      }
    };
  }

  private void removed() {
    renewal.stop();
    slots.close();
    Pulse beating = pulse;
    if (beating != null) {
      beating.stop();
    }
    listener.removed();
  }

  private AgentRenewal.Told fromRenewal() {
    return new AgentRenewal.Told() {
      @Override
      public void renewed(Badge badge) {
        listener
            .renewed(badge)
            .onComplete(kept ->
                tell(() -> {
                  if (kept.failed()) {
                    log.error("The new certificate could not be kept.", kept.cause());
                  }
                  dialler.use(badge);
                  slots.renewed();
                  Pulse beating = pulse;
                  if (beating != null) {
                    beating.renewed();
                  }
                }));
      }

      @Override
      public void removed() {
        tell(AgentLink.this::removed);
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
    private final Dialler dialler;
    private final AgentIdentity identity;
    private final PulseClient.Told listener;
    private final AtWork atWork;
    private final Function<Context, Time> clock;
    private final RandomGenerator random;
    private volatile @Nullable Running running;
    private volatile dev.tutti.wire.node.@Nullable NodeReport newest;

    Pulse(
        Vertx vertx,
        Dialler dialler,
        AgentIdentity identity,
        PulseClient.Told listener,
        AtWork atWork,
        Function<Context, Time> clock,
        RandomGenerator random) {
      this.vertx = vertx;
      this.dialler = dialler;
      this.identity = identity;
      this.listener = listener;
      this.atWork = atWork;
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

    void renewed() {
      Running now = running;
      if (now != null) {
        now.context().runOnContext(_ -> now.client().renewed());
      }
    }

    void stop() {
      Running now = running;
      if (now != null) {
        now.context().runOnContext(_ -> now.client().stop());
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
      var client =
          new PulseClient(vertx, dialler, identity, clock.apply(context), random, listener, atWork);
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
