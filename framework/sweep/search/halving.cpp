#include "sweep/search/halving.hpp"

namespace varia::search {

Asha make_asha(const experiment::Plan& plan, const experiment::Search& search,
               const std::vector<std::int64_t>& lengths) {
  std::vector<Asha::Trial> trials;
  std::size_t groups = 0;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    // The replicates of a setting follow each other.
    if (plan.trials[i].replicate == 0) ++groups;
    trials.push_back({groups - 1, lengths[i]});
  }
  const auto& settings = *search.asha();
  return {{settings.min_records, settings.factor, search.highest}, trials};
}

results::Reason verdict(const Asha& asha, std::size_t trial, bool settled) {
  using Kind = results::Reason::Kind;
  results::Reason reason{.has = asha.records(trial), .wants = asha.rungs(trial).back()};
  switch (asha.state(trial)) {
    case Asha::State::stopped:
      reason.kind = settled ? Kind::stopped : Kind::not_promoted;
      break;
    case Asha::State::dropped:
      reason.kind = Kind::dropped;
      break;
    case Asha::State::waiting:
    case Asha::State::whole:
    case Asha::State::failed:
      break;
  }
  return reason;
}

}  // namespace varia::search
