package dev.tutti.simulate;

import dev.tutti.core.ModelName;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Which models the requests of a trace ask for: the traces do not say.
///
/// @param shares each model's share of the requests, greater than 0; they need not add up to 1
public record ModelMix(List<Share> shares) {
  /// A model's share of the requests.
  public record Share(ModelName model, double share) {}

  /// Checks the shares and copies the list.
  public ModelMix {
    shares = List.copyOf(shares);
    if (shares.isEmpty()) {
      throw new InputException("mix: empty (expected: MODEL:SHARE,…)");
    }
    for (Share one : shares) {
      if (!(one.share() > 0 && one.share() < 1e9)) {
        throw new InputException(
            "mix: " + one.model() + ": " + one.share() + " (expected: a share > 0)");
      }
    }
  }

  /// All of one model.
  public static ModelMix only(ModelName model) {
    return new ModelMix(List.of(new Share(model, 1)));
  }

  /// From `MODEL:SHARE,…`; a model's name may have a colon of its own.
  public static ModelMix parse(String text) {
    var shares = new ArrayList<Share>();
    for (String part : text.split(",", -1)) {
      int colon = part.lastIndexOf(':');
      try {
        shares.add(
            new Share(
                new ModelName(part.substring(0, Math.max(0, colon)).strip()),
                Double.parseDouble(part.substring(colon + 1))));
      } catch (IllegalArgumentException wrong) {
        throw new InputException("mix: " + part + " (expected: MODEL:SHARE)", wrong);
      }
    }
    return new ModelMix(shares);
  }

  /// The models in the mix.
  public List<ModelName> models() {
    return shares.stream().map(Share::model).toList();
  }

  ModelName draw(SplittableRandom random) {
    double sum = shares.stream().mapToDouble(Share::share).sum();
    double at = shares.size() == 1 ? 0 : random.nextDouble() * sum;
    for (Share one : shares) {
      at -= one.share();
      if (at < 0) {
        return one.model();
      }
    }
    return shares.getLast().model();
  }
}
