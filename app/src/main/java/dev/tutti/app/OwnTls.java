package dev.tutti.app;

import dev.tutti.core.Time;
import dev.tutti.link.authority.ClientAuthority;
import dev.tutti.link.trust.Encoded;
import dev.tutti.link.trust.KeyMaterial;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificate that a hub makes itself for the port of its clients, in files of its home: what
/// it shows and the key to it, and the root that clients are taught. One thread at a time.
final class OwnTls {
  /// What clients are taught.
  static final String ROOT_FILE = "clients-root.pem";

  /// What the hub shows.
  static final String CERTIFICATE_FILE = "clients-certificate.pem";

  /// The key to it.
  static final String KEY_FILE = "clients-key.pem";

  /// The authority's key and certificates.
  static final String AUTHORITY_FILE = "clients-authority";

  private static final Logger LOG = LoggerFactory.getLogger(OwnTls.class);

  /// Between two looks.
  private static final Duration LOOK_EVERY = Duration.ofMinutes(10);

  private static final int PEM_LINE_CHARS = 64;

  private final Home home;
  private final Supplier<Collection<InetAddress>> addresses;
  private final Time time;
  private final RandomGenerator random;
  private String hub = "";
  private Set<String> names = Set.of();
  private boolean lan;
  private boolean wanted;
  private long lookedNanos;

  /// @param addresses of this machine in the LAN, as they are now
  /// @param random fit for secrets
  OwnTls(
      Home home, Supplier<Collection<InetAddress>> addresses, Time time, RandomGenerator random) {
    this.home = home;
    this.addresses = addresses;
    this.time = time;
    this.random = random;
  }

  /// What is to be shown.
  Path certificate() {
    return home.directory().resolve(CERTIFICATE_FILE);
  }

  /// The key to it.
  Path key() {
    return home.directory().resolve(KEY_FILE);
  }

  /// Sees to it that there is a certificate for these names, and for this machine's own. Blocks.
  ///
  /// @param machine what this machine is called
  /// @param onLan whether it is reached under its addresses in the LAN as well
  void make(String machine, Collection<String> given, boolean onLan) {
    hub = machine.toLowerCase(Locale.ROOT);
    names = Set.copyOf(given);
    lan = onLan;
    wanted = true;
    look();
  }

  /// Now and then makes another certificate, when this one is due or this machine's addresses are
  /// others. To be called often; blocks when something is to be done.
  void tend() {
    if (wanted && time.nanos() - lookedNanos >= LOOK_EVERY.toNanos()) {
      look();
    }
  }

  private void look() {
    lookedNanos = time.nanos();
    ClientAuthority.Reached reached = reached();
    Optional<KeyMaterial> known = authority();
    Optional<KeyMaterial> shown = known.isEmpty() ? Optional.empty() : shown();
    if (known.isPresent()
        && shown.isPresent()
        && ClientAuthority.holds(shown.get(), known.get(), reached, time.now())) {
      return;
    }
    KeyMaterial authority = known.orElseGet(() -> begin(reached));
    KeyMaterial fresh = ClientAuthority.certify(authority, reached, time.now(), random);
    if (!ClientAuthority.isBelieved(fresh, authority, time.now())) {
      LOG.warn(
          "The hub has names that its authority for clients is not good for; there is a new one,"
              + " which clients have to be taught. root={}",
          home.directory().resolve(ROOT_FILE));
      authority = begin(reached);
      fresh = ClientAuthority.certify(authority, reached, time.now(), random);
    }
    // The key first: between the two the pair does not fit, and the old one is shown on.
    home.write(KEY_FILE, pem("PRIVATE KEY", fresh.key().getEncoded()));
    home.write(CERTIFICATE_FILE, pem(fresh.chain()));
    LOG.info("The hub has a new certificate for clients. until={}", fresh.notAfter());
  }

  private KeyMaterial begin(ClientAuthority.Reached reached) {
    KeyMaterial authority = ClientAuthority.make(hub, reached, time.now(), random);
    X509Certificate root = authority.chain().getLast();
    home.write(
        AUTHORITY_FILE,
        String.join(
            " ",
            Encoded.text(authority.key()),
            Encoded.text(authority.leaf()),
            Encoded.text(root)));
    home.write(ROOT_FILE, pem(List.of(root)));
    return authority;
  }

  private ClientAuthority.Reached reached() {
    var all = new TreeSet<>(names);
    all.add("localhost");
    all.add(hub);
    all.add(hub + ".local");
    var numbers = new TreeSet<String>();
    numbers.add(InetAddress.ofLiteral("127.0.0.1").getHostAddress());
    numbers.add(InetAddress.ofLiteral("::1").getHostAddress());
    for (InetAddress address : lan ? addresses.get() : List.<InetAddress>of()) {
      String text = address.getHostAddress();
      int zone = text.indexOf('%');
      numbers.add(zone < 0 ? text : text.substring(0, zone));
    }
    return new ClientAuthority.Reached(all, numbers);
  }

  private Optional<KeyMaterial> authority() {
    return home.read(AUTHORITY_FILE)
        .map(text -> {
          String[] parts = text.split(" ", -1);
          if (parts.length != 3) {
            throw new IllegalArgumentException(
                home.directory().resolve(AUTHORITY_FILE)
                    + ": broken (expected: as it was written; without it a new authority is made)");
          }
          return new KeyMaterial(
              Encoded.key(parts[0]),
              List.of(Encoded.certificate(parts[1]), Encoded.certificate(parts[2])));
        });
  }

  /// What is in the files now; empty when it is not ours or not whole.
  private Optional<KeyMaterial> shown() {
    try {
      return home.read(CERTIFICATE_FILE)
          .flatMap(chain ->
              home.read(KEY_FILE)
                  .map(key ->
                      new KeyMaterial(
                          Encoded.key(base64(key)),
                          Arrays.stream(chain.split("-----END CERTIFICATE-----", -1))
                              .filter(each -> !each.isBlank())
                              .map(each -> Encoded.certificate(base64(each)))
                              .toList())));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// The bytes of a PEM text (RFC 7468), in the form of {@link Encoded}.
  private static String base64(String pem) {
    return pem.replaceAll("-----[^-]*-----", "")
        .replaceAll("\\s", "")
        .replace('+', '-')
        .replace('/', '_')
        .replace("=", "");
  }

  private static String pem(List<X509Certificate> chain) {
    var text = new StringBuilder();
    for (X509Certificate each : chain) {
      try {
        text.append(pem("CERTIFICATE", each.getEncoded())).append('\n');
      } catch (CertificateEncodingException impossible) {
        throw new IllegalArgumentException("certificate: no bytes (expected: DER)", impossible);
      }
    }
    return text.toString().strip();
  }

  /// RFC 7468.
  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(PEM_LINE_CHARS, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----";
  }
}
