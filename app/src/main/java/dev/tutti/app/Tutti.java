package dev.tutti.app;

import dev.tutti.access.Doorkeeper;
import dev.tutti.app.cli.AgentOptions;
import dev.tutti.app.cli.Exit;
import dev.tutti.app.cli.ImportOptions;
import dev.tutti.app.cli.Imported;
import dev.tutti.app.cli.JoinOptions;
import dev.tutti.app.cli.Processes;
import dev.tutti.app.cli.UpOptions;
import dev.tutti.app.cli.Version;
import dev.tutti.backends.MachineKey;
import dev.tutti.core.MeshException;
import dev.tutti.core.Time;
import dev.tutti.discovery.LanInterfaces;
import dev.tutti.fleet.BackendNaming;
import dev.tutti.gateway.GatewayOptions;
import dev.tutti.link.agent.AgentEnrolment;
import dev.tutti.link.agent.HubAddress;
import dev.tutti.link.hub.HubLink;
import dev.tutti.link.trust.JoinToken;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The processes behind the command line: a hub, or an agent.
final class Tutti implements Processes {
  /// Event loops: one for the owner, one for the link.
  private static final int EVENT_LOOPS = 2;

  /// Threads for what blocks and is not worth a virtual one.
  private static final int WORKERS = 2;

  /// How long an ending process waits for its connections, in seconds.
  private static final long CLOSE_SECONDS = 5;

  private final Time time;
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;

  private final CompletableFuture<Vertx> prepared = new CompletableFuture<>();
  private boolean preparing;

  Tutti(Time time) {
    this.time = time;
  }

  static Vertx vertx() {
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(EVENT_LOOPS)
            .setWorkerPoolSize(WORKERS)
            .setInternalBlockingPoolSize(WORKERS)
            .setPreferNativeTransport(false));
  }

  /// Begins with what every hub needs while the command line is still being read. Start-up is what
  /// people wait for, and two cores are there.
  void prepare() {
    var thread =
        new Thread(
            () -> {
              prepared.complete(vertx());
              HubLink.prepare();
            },
            "prepare");
    thread.setDaemon(true);
    thread.start();
    preparing = true;
  }

  private Vertx preparedVertx() {
    return preparing ? prepared.join() : vertx();
  }

  // ---- a hub

  @Override
  public int up(UpOptions options) {
    try {
      return hub(options);
    } catch (MeshException | IllegalArgumentException | UncheckedIOException e) {
      err.println("tutti: " + e.getMessage());
      return Exit.ENVIRONMENT.code();
    }
  }

  private int hub(UpOptions options) {
    Home home = new Home(options.home()).create();
    Path file = options.config().orElseGet(Tutti::settingsFile);
    var own = new OwnTls(home, LanInterfaces::addresses, time, new SecureRandom());
    var files = new OwnersFiles(file, options, own);
    Settings now = files.read();
    leaveCertificate(home, now.web().tls());
    try (var signal = new StopSignal();
        Saved saved = Saved.open(home, time, new SecureRandom())) {
      saved.accounts().take(now.access().accounts());
      return hub(files, now, home, saved, signal);
    }
  }

  /// The command line of this machine trusts the certificate that the hub shows.
  private static void leaveCertificate(Home home, Optional<GatewayOptions.Tls> tls) {
    if (tls.isEmpty()) {
      home.forget(UpOptions.CERTIFICATE_FILE);
      return;
    }
    Path certificate = tls.get().certificate();
    try {
      home.write(UpOptions.CERTIFICATE_FILE, Files.readString(certificate));
    } catch (IOException e) {
      throw new UncheckedIOException(certificate + ": cannot be read (expected: PEM)", e);
    }
  }

  private int hub(OwnersFiles files, Settings now, Home home, Saved saved, StopSignal signal) {
    Vertx vertx = preparedVertx();
    try {
      if (now.door() == Doorkeeper.Door.KEYED) {
        saved
            .keys()
            .makeFirst()
            .ifPresent(key -> {
              err.println("This is the first key, for everything. It is shown once:");
              out.println("key " + key);
            });
        saved.keys().leaveForCommandLine(home);
      }
      Hub hub = await(Hub.start(vertx, now, saved, lanAddresses(now)), Optional.empty());
      out.println("ready " + hub.url());
      out.flush();
      greet(hub, now);
      tellRoot(home, now.web());
      var watch =
          new SettingsWatch(
              files::files,
              files::read,
              fresh -> {
                leaveCertificate(home, fresh.web().tls());
                saved.accounts().take(fresh.access().accounts());
                hub.apply(fresh);
              });
      watch.start();
      signal.await();
      watch.stop();
      await(hub.close(), Optional.of(CLOSE_SECONDS));
      return Exit.OK.code();
    } catch (NotStarted e) {
      err.println("tutti: " + e.getMessage());
      return Exit.ENVIRONMENT.code();
    } finally {
      vertx.close();
    }
  }

  /// Who is to come over TLS with the hub's own certificate has to be taught something first.
  private void tellRoot(Home home, Web web) {
    Path own = home.directory().resolve(OwnTls.CERTIFICATE_FILE);
    if (web.certificate().filter(own::equals).isPresent()) {
      err.println("  clients have to be taught " + home.directory().resolve(OwnTls.ROOT_FILE));
    }
  }

  private void greet(Hub hub, Settings settings) {
    err.println("Tutti " + Version.NUMBER + " serves at " + hub.url());
    for (String port : hub.otherPorts()) {
      err.println("  " + port);
    }
    if (settings.demo()) {
      err.println("Four SIMULATED engines are running. Try:");
      for (String command : Demo.suggestions(hub.url())) {
        err.println("  " + command);
      }
    }
  }

  private static List<InetAddress> lanAddresses(Settings settings) {
    return settings.lan() ? LanInterfaces.addresses() : List.of();
  }

  private static Path settingsFile() {
    return Home.settingsFile(
        System.getenv(), System.getProperty("os.name"), System.getProperty("user.home"));
  }

  @Override
  public Imported importFile(ImportOptions options) {
    return Import.into(options.config().orElseGet(Tutti::settingsFile), options);
  }

  // ---- an agent

  @Override
  public int agentJoin(JoinOptions options) {
    return agent(
        options.agent(),
        vertx ->
            enrol(
                vertx,
                NodePort.of(options.url()),
                Optional.of(JoinToken.parse(options.token())),
                options.agent()));
  }

  @Override
  public int agentRun(AgentOptions options) {
    return agent(
        options,
        vertx -> {
          Optional<Membership> known = Membership.read(new Home(options.home()));
          if (known.isPresent()) {
            return known.get();
          }
          err.println("Looking for a hub on the network …");
          HubAddress hub = HubSearch.first();
          err.println("Found one at " + hub + ". Waiting there for: tutti node approve");
          return enrol(vertx, hub, Optional.empty(), options);
        });
  }

  @Override
  public int agentLeave(AgentOptions options) {
    Home home = new Home(options.home());
    Optional<Membership> known = Membership.read(home);
    if (known.isEmpty()) {
      err.println("tutti: this machine belongs to no hub");
      return Exit.DOWN.code();
    }
    Membership.forget(home);
    out.println("left " + known.get().hub());
    return Exit.OK.code();
  }

  /// Finds out where an agent belongs.
  @FunctionalInterface
  private interface Belonging {
    Membership of(Vertx vertx);
  }

  private int agent(AgentOptions options, Belonging belonging) {
    Vertx vertx = vertx();
    try (var signal = new StopSignal()) {
      new Home(options.home()).create();
      Membership membership = belonging.of(vertx);
      Agent agent =
          await(
              Agent.start(
                  vertx,
                  time,
                  membership,
                  options,
                  node -> {
                    out.println("ready " + node);
                    out.flush();
                  }),
              Optional.empty());
      agent
          .ended()
          .onSuccess(why -> {
            err.println("tutti: " + why);
            forget(new Home(options.home()), membership);
            signal.stop();
          });
      boolean sentAway = !signal.await();
      await(agent.close(), Optional.of(CLOSE_SECONDS));
      return sentAway ? Exit.DOWN.code() : Exit.OK.code();
    } catch (NotStarted | IllegalArgumentException | UncheckedIOException e) {
      err.println("tutti: " + e.getMessage());
      return Exit.FAILED.code();
    } finally {
      vertx.close();
    }
  }

  /// Unless the machine has joined anew in the meantime.
  private static void forget(Home home, Membership removed) {
    boolean same =
        Membership.read(home)
            .filter(known -> known.badge().uuid().equals(removed.badge().uuid()))
            .isPresent();
    if (same) {
      Membership.forget(home);
    }
  }

  /// Joins a hub: with a token at once, without one after a human's yes.
  Membership enrol(Vertx vertx, HubAddress hub, Optional<JoinToken> token, AgentOptions options) {
    String host = Saved.hostName();
    String name =
        options.name().orElseGet(() -> token.isEmpty() ? BackendNaming.nodeOf(host).value() : "");
    var wish = new AgentEnrolment.Wish(name, token, MachineKey.read(), host, Version.NUMBER);
    var loop = vertx.getOrCreateContext();
    var joined = io.vertx.core.Promise.<AgentEnrolment.Joined>promise();
    loop.runOnContext(_ ->
        AgentEnrolment.start(
                vertx,
                hub,
                wish,
                new EventLoopTime(vertx, loop, time),
                new SecureRandom(),
                code -> {
                  out.println("pending " + name);
                  out.flush();
                  err.println(
                      "Code "
                          + code
                          + ". If the hub shows the same one: tutti node approve "
                          + name);
                })
            .outcome()
            .onComplete(joined));
    AgentEnrolment.Joined accepted = await(joined.future(), Optional.empty());
    var membership = new Membership(hub, accepted.node(), accepted.badge());
    membership.write(new Home(options.home()));
    return membership;
  }

  // ---- waiting

  /// Something that had to come up did not.
  private static final class NotStarted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotStarted(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static <T> T await(Future<T> future, Optional<Long> seconds) {
    try {
      var waiting = future.toCompletionStage().toCompletableFuture();
      return seconds.isPresent() ? waiting.get(seconds.get(), TimeUnit.SECONDS) : waiting.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      String why =
          cause instanceof BindException
              ? "port: in use (expected: a free one; see tutti doctor) " + cause.getMessage()
              : String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
      throw new NotStarted(why, e);
    } catch (TimeoutException e) {
      throw new NotStarted("not done after " + seconds.orElse(0L) + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotStarted("interrupted", e);
    }
  }
}
