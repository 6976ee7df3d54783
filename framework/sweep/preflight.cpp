#include "sweep/preflight.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <set>

#include "sweep/search/search_metric.hpp"
#include "sweep/workers/child_process.hpp"
#include "sweep/workers/trial_log.hpp"
#include "training/run_trial.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace {

/// @returns what is wrong; empty: nothing
std::string validation_error(const experiment::Trial& trial, const Registry& registry,
                             training::DataCache& data, const experiment::Search* search) {
  try {
    const auto tried =
        training::try_trial(trial, registry, data, search != nullptr ? search->metric() : "");
    if (search != nullptr) {
      require_metric(*search, trial, tried.record);
      searched_order(*search, tried.better);
    }
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

/// One trial of each distinct setting.
std::vector<const experiment::Trial*> distinct(
    const experiment::Plan& plan, const std::optional<std::vector<std::size_t>>& chosen) {
  std::set<std::string> seen;
  std::vector<const experiment::Trial*> trials;
  const auto add = [&](const experiment::Trial& trial) {
    std::string key;
    for (const auto& section : experiment::kComponentSections)
      key += (trial.*section.value)->canonical() + "\n";
    if (seen.insert(key).second) trials.push_back(&trial);
  };
  if (chosen)
    for (const auto i : *chosen) add(plan.trials[i]);
  else
    for (const auto& trial : plan.trials) add(trial);
  return trials;
}

using Timeout = std::optional<std::chrono::duration<double>>;

enum class Wait { heard, stopped, overdue };

/// Waits for a message, or the end of the process, while asking whether to go on.
Wait wait_for(const Channel& channel, const std::function<bool()>& should_stop,
              const Timeout& timeout) {
  const auto start = std::chrono::steady_clock::now();
  pollfd wait{channel.descriptor(), POLLIN, 0};
  constexpr int milliseconds = 100;
  while (::poll(&wait, 1, milliseconds) <= 0) {
    if (should_stop()) return Wait::stopped;
    if (timeout && std::chrono::steady_clock::now() - start > *timeout) return Wait::overdue;
  }
  return Wait::heard;
}

}  // namespace

std::vector<std::string> preflight(const experiment::Plan& plan, const Registry& registry,
                                   training::DataCache& data,
                                   const std::optional<std::vector<std::size_t>>& chosen,
                                   const std::function<bool()>& should_stop,
                                   std::optional<std::chrono::duration<double>> timeout,
                                   const experiment::Search* search) {
  const auto trials = distinct(plan, chosen);
  std::set<const Value*> opened;
  for (const auto* trial : trials)
    if (opened.insert(trial->data.get()).second) data.get(*trial->data);

  std::vector<std::string> crashes;
  std::size_t next = 0;  // of `trials`
  while (next < trials.size()) {
    TrialLog log;
    auto [here, there] = Channel::pair();
    const auto body = [&, first = next, &own = there, &other = here] {
      other.close();
      for (auto i = first; i < trials.size(); ++i)
        if (!own.send(validation_error(*trials[i], registry, data, search))) break;
      return 0;
    };
    ChildProcess child(body, log.descriptor());
    there.close();
    auto wait = Wait::heard;
    while (next < trials.size() && (wait = wait_for(here, should_stop, timeout)) == Wait::heard) {
      const auto answer = here.receive();
      if (!answer) break;
      if (!answer->empty()) throw ConfigError(*answer);
      ++next;
    }
    if (next == trials.size() || should_stop()) break;
    if (wait == Wait::overdue) child.kill();
    const auto end = child.wait();
    const auto tail = log.tail();
    crashes.push_back(
        fmt::format("{}: the process that tried one batch {}{}", trials[next]->label(),
                    wait == Wait::overdue
                        ? fmt::format("took longer than run.trial_timeout ({} s)", timeout->count())
                        : end.text(),
                    tail.empty() ? "" : "; it printed: " + tail));
    ++next;
  }
  return crashes;
}

}  // namespace varia::sweep
