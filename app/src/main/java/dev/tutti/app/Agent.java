package dev.tutti.app;

import dev.tutti.app.cli.AgentOptions;
import dev.tutti.app.cli.Version;
import dev.tutti.backends.AddressKeys;
import dev.tutti.backends.EngineAddress;
import dev.tutti.backends.Finding;
import dev.tutti.backends.MachineKey;
import dev.tutti.core.Time;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.NodeReport;
import dev.tutti.link.agent.AgentIdentity;
import dev.tutti.link.agent.AgentLink;
import dev.tutti.link.agent.AgentListener;
import dev.tutti.link.agent.Badge;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds and owns the parts of one agent: its engines, its report, its link to the hub.
final class Agent {
  /// Between two looks at free memory; also the longest a changed figure stays untold.
  private static final Duration HARDWARE_EVERY = Duration.ofSeconds(5);

  /// A smaller change of free memory is not worth a report: a sixty-fourth of what is installed.
  private static final int FREE_MEMORY_STEPS = 64;

  /// How often an engine that was named is asked what it is before it counts as down.
  private static final int LOOKS = 3;

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private final Vertx vertx;
  private final Context loop;
  private final Function<Context, Time> clock;
  private final Time time;
  private final Home home;
  private final AgentOptions options;
  private final HardwareFacts hardwareFacts = new HardwareFacts();
  private final AgentEngines engines;
  private final Consumer<String> ready;
  private final Promise<String> ended = Promise.promise();
  private final String hostName;
  private Membership membership;
  private Hardware hardware = Hardware.UNKNOWN;
  private @Nullable AgentLink link;
  private @Nullable LocalSearch search;
  private boolean reportPending;
  private boolean connected;
  private boolean looked;
  private boolean wasReady;
  private boolean closed;

  private Agent(
      Vertx vertx,
      Context loop,
      Time process,
      Membership membership,
      AgentOptions options,
      Consumer<String> ready) {
    this.vertx = vertx;
    this.loop = loop;
    this.clock = context -> new EventLoopTime(vertx, context, process);
    this.time = clock.apply(loop);
    this.membership = membership;
    this.home = new Home(options.home());
    this.options = options;
    this.ready = ready;
    this.hostName = Saved.hostName();
    this.engines =
        new AgentEngines(
            vertx,
            time,
            new AddressKeys(vertx, MachineKey.read()),
            "agent-" + membership.node(),
            this::changed);
  }

  /// Starts an agent on a loop of its own.
  ///
  /// @param process the process's time
  /// @param ready told the node's name when the hub answers for the first time
  static Future<Agent> start(
      Vertx vertx,
      Time process,
      Membership membership,
      AgentOptions options,
      Consumer<String> ready) {
    Context loop = vertx.getOrCreateContext();
    Promise<Agent> started = Promise.promise();
    loop.runOnContext(_ -> {
      var agent = new Agent(vertx, loop, process, membership, options, ready);
      agent.bringUp().onComplete(started);
    });
    return started.future();
  }

  private Future<Agent> bringUp() {
    var looks = new ArrayList<Future<?>>();
    for (String spec : options.backends()) {
      looks.add(lookFor(EngineAddress.parse(spec), LOOKS));
    }
    if (options.discover()) {
      var local =
          new LocalSearch(
              time,
              engines::look,
              engines::knows,
              Set.of(),
              found -> engines.add(found.address(), new Finding.Found(found.facts())));
      search = local;
      looks.add(local.start());
    }
    Future.join(looks)
        .onComplete(_ -> {
          looked = true;
          changed();
        });
    readHardware();
    long incarnation = time.now().toEpochMilli();
    var identity =
        new AgentIdentity(membership.node(), MachineKey.read(), incarnation, Version.NUMBER);
    return AgentLink.start(
            vertx,
            loop,
            membership.hub(),
            membership.badge(),
            identity,
            report(),
            new Listener(),
            clock,
            new SecureRandom())
        .map(up -> {
          link = up;
          changed();
          return this;
        });
  }

  /// An engine that does not answer yet is asked a few times before it is offered under a name that
  /// does not say what it is.
  private Future<Void> lookFor(EngineAddress address, int looksLeft) {
    return engines
        .look(address)
        .compose(finding -> {
          if (finding instanceof Finding.Unavailable && looksLeft > 1) {
            Promise<Void> later = Promise.promise();
            time.after(
                BETWEEN_LOOKS,
                () -> lookFor(address, looksLeft - 1).onComplete(_ -> later.complete()));
            return later.future();
          }
          engines.add(address, finding);
          return Future.succeededFuture();
        });
  }

  /// Completes with the reason when the hub's owner has removed this node.
  Future<String> ended() {
    return ended.future();
  }

  /// Many changes in one turn of the loop are one report.
  private void changed() {
    if (reportPending || closed) {
      return;
    }
    reportPending = true;
    loop.runOnContext(_ -> {
      reportPending = false;
      AgentLink up = link;
      if (up != null && !closed) {
        up.report(report());
        up.offer(engines.offer());
        tellReady();
      }
    });
  }

  /// Ready is who the hub knows together with its engines.
  private void tellReady() {
    if (connected && looked && !wasReady) {
      wasReady = true;
      ready.accept(membership.node().value());
    }
  }

  private NodeReport report() {
    return new NodeReport(hostName, NodeRole.LLM_WORKER, hardware, engines.report());
  }

  private void readHardware() {
    if (closed) {
      return;
    }
    vertx
        .executeBlocking(hardwareFacts::read, false)
        .onSuccess(fresh -> {
          long step = Math.max(1, fresh.ramTotal().value() / FREE_MEMORY_STEPS);
          long moved = Math.abs(fresh.ramFree().value() - hardware.ramFree().value());
          if (!hardware.ramTotal().isKnown() || moved >= step) {
            hardware = fresh;
            changed();
          }
        })
        .onComplete(_ -> time.after(HARDWARE_EVERY, this::readHardware));
  }

  /// Leaves the hub's sight; running exchanges are cancelled.
  Future<Void> close() {
    Promise<Void> done = Promise.promise();
    loop.runOnContext(_ -> {
      closed = true;
      if (search != null) {
        search.stop();
      }
      Future<Void> left = link == null ? Future.succeededFuture() : link.close();
      left.onComplete(_ -> {
        engines.close();
        done.complete();
      });
    });
    return done.future();
  }

  private final class Listener implements AgentListener {
    @Override
    public void connected() {
      LOG.info("The hub answers. hub={} node={}", membership.hub(), membership.node());
      connected = true;
      changed();
    }

    @Override
    public void disconnected(String why) {
      LOG.warn("The hub is out of reach. hub={} why={}", membership.hub(), why);
    }

    @Override
    public void refused(String why) {
      LOG.error("The hub refuses this node. hub={} why={}", membership.hub(), why);
    }

    @Override
    public void removed() {
      ended.tryComplete("the hub's owner removed this node");
    }

    @Override
    public Future<?> renewed(Badge badge) {
      Membership renewed = membership.with(badge);
      membership = renewed;
      return vertx.<Boolean>executeBlocking(
          () -> {
            renewed.write(home);
            return true;
          },
          false);
    }
  }
}
