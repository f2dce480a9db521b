package dev.tutti.app;

import dev.tutti.app.cli.UpOptions;
import java.util.ArrayList;

/// Flags laid over what the file says.
final class Flags {
  private Flags() {}

  static Settings over(UpOptions flags, Settings base) {
    var backends = new ArrayList<>(base.backends());
    backends.addAll(flags.backends());
    boolean lan = flags.lan() || base.lan();
    return new Settings(
        flags.host().orElse(lan ? "0.0.0.0" : base.host()),
        flags.port().orElse(base.port()),
        flags.nodePort().orElse(base.nodePort()),
        flags.grpcPort().orElse(base.grpcPort()),
        lan,
        flags.discover() && base.discover(),
        flags.strategy().map(Settings.StrategyName::of).orElse(base.strategy()),
        base.queueTtl(),
        base.queueLimit(),
        base.silence(),
        backends,
        flags.demo() || base.demo(),
        base.nodeName(),
        new Web(
            flags.tls() || (base.web().own() && flags.tlsCertificate().isEmpty()),
            flags.tlsCertificate().or(base.web()::certificate),
            flags.tlsKey().or(base.web()::key),
            base.web().origins(),
            base.web().names()),
        base.loadRules(),
        base.hedge(),
        base.auto(),
        base.policy(),
        base.access());
  }
}
