#include "sweep/search/halving.hpp"

#include <fmt/format.h>

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
  return {{settings.min_records, settings.factor}, trials};
}

std::string verdict(const Asha& asha, std::size_t trial, bool settled) {
  const auto at = fmt::format("at epoch {} of {}", asha.records(trial), asha.rungs(trial).back());
  switch (asha.state(trial)) {
    case Asha::State::stopped:
      return settled ? "stopped by the search " + at : "not promoted by the search so far, " + at;
    case Asha::State::dropped:
      return "stopped by the search " + at + ": another replicate has failed";
    case Asha::State::waiting:
    case Asha::State::whole:
    case Asha::State::failed:
      break;
  }
  return "";
}

}  // namespace varia::search
