package dev.tutti.bench.fuzz;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.access.Doorkeeper;
import dev.tutti.access.Key;
import dev.tutti.access.KeyToken;
import dev.tutti.access.Keyring;
import dev.tutti.access.PeerAddress;
import dev.tutti.access.Presented;
import dev.tutti.access.Resolution;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.gateway.GatewayReaders;
import dev.tutti.wire.mesh.SubmitRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;

/// What must hold for anything that clients send beside a body in a dialect.
final class Callers {
  /// The one key that opens; its secret is known to the seeds.
  static final KeyToken KEY = KeyToken.make(new Random(7));

  /// The largest decoded body, in bytes.
  private static final int MAX_BODY_BYTES = 64 * 1024;

  private static final Pattern HEADERS = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z, -]+");
  private static final Pattern FOREIGN = Pattern.compile("https?://[a-z0-9.-]+\\.example(:\\d+)?");
  private static final Doorkeeper DOOR =
      new Doorkeeper(Doorkeeper.Door.KEYED, Keyring.of(List.of(key())));

  private Callers() {}

  private static Key key() {
    return new Key(
        KEY.id(),
        "fuzz",
        HexFormat.of().formatHex(KEY.sha256()),
        Rights.of(EnumSet.allOf(Scope.class)),
        Optional.empty(),
        Instant.EPOCH,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static String[] lines(byte[] input, int count) {
    String[] found = new String(input, StandardCharsets.ISO_8859_1).split("\n", count);
    var lines = new String[count];
    for (int i = 0; i < count; i++) {
      lines[i] = i < found.length ? found[i] : "";
    }
    return lines;
  }

  /// Lines: `authorization`, `x-api-key`, a cookie's value, an address. Nobody comes in without the
  /// very key.
  static void credentials(byte[] input) {
    String[] said = lines(input, 4);
    Optional<PeerAddress> peer = PeerAddress.of(said[3]);
    peer.ifPresent(
        each -> Claim.that(PeerAddress.of(each.text()).equals(peer), "two ways to write " + each));
    var presented =
        Presented.of(
            said[0].isEmpty() ? null : said[0],
            said[1].isEmpty() ? null : said[1],
            Optional.of(said[2]).filter(text -> !text.isEmpty()),
            peer);
    if (DOOR.resolve(presented, Instant.EPOCH) instanceof Resolution.Known) {
      Claim.that(presented.tokens().contains(KEY.text()), "let in with " + presented.tokens());
    }
    for (String token : presented.tokens()) {
      KeyToken.read(token)
          .ifPresent(read -> {
            read.isIntact();
            Claim.that(
                read.toString().equals(KeyToken.PREFIX + read.id() + "_***"),
                "the secret is shown");
          });
    }
  }

  /// Lines: a query, a path's parameter, `host`, `origin`, `access-control-request-headers`.
  static void heads(byte[] input) {
    String[] said = lines(input, 5);
    try {
      GatewayReaders.field(said[0], "limit").ifPresent(value -> roundTrip(said[0], value));
      GatewayReaders.path(said[1]);
    } catch (MeshException e) {
      refused(e);
    }
    GatewayReaders.isOurs(said[2]);
    boolean allowed = GatewayReaders.allows(said[3], said[2]);
    Claim.that(
        !allowed || !FOREIGN.matcher(said[3]).matches() || said[3].endsWith("://" + said[2]),
        "a foreign page: " + said[3]);
    GatewayReaders.allowedHeaders(said[4])
        .ifPresent(names -> Claim.that(HEADERS.matcher(names).matches(), "told: " + names));
  }

  /// What was read can be written as a query and is read as the same.
  private static void roundTrip(String query, String value) {
    var written = new StringBuilder("limit=");
    for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
      written.append('%').append(HexFormat.of().toHexDigits(each));
    }
    Claim.that(
        GatewayReaders.field(written.toString(), "limit").equals(Optional.of(value)),
        "read as something else: " + query);
  }

  private static void refused(MeshException e) {
    Claim.that(
        e.failure().code() == FailureCode.INVALID_REQUEST, "refused as " + e.failure().code());
  }

  /// A compressed body is never larger than allowed, and what it took of the budget is what it is.
  static void encoded(byte[] input) {
    for (String encoding : GatewayReaders.encodings()) {
      GatewayReaders.Body body = GatewayReaders.body(encoding, input, MAX_BODY_BYTES);
      int length = body.bytes().map(bytes -> bytes.length).orElse(0);
      Claim.that(length <= MAX_BODY_BYTES, "a body of " + length + " bytes");
      Claim.that(body.heldBytes() == length, "held " + body.heldBytes() + " for " + length);
    }
  }

  /// A command's body.
  static void command(byte[] input) {
    try {
      GatewayReaders.command(input);
    } catch (MeshException e) {
      refused(e);
    }
  }

  /// A submission over gRPC becomes work that every engine can be told, or is refused.
  static void submission(byte[] input) {
    try {
      Requests.told(GatewayReaders.task(SubmitRequest.parseFrom(input)).work());
    } catch (InvalidProtocolBufferException _) {
      // Refused.
    } catch (MeshException e) {
      refused(e);
    }
  }
}
