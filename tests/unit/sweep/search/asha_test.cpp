#include "sweep/search/asha.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "support/catch.hpp"

namespace varia::sweep {
namespace {

/// Trials whose curves are known: a simulated sweep with so many workers, whose trials end in a
/// random order.
struct Simulation {
  std::size_t groups, replicates;
  std::int64_t length;
  std::int64_t factor;
  std::vector<std::vector<double>> curves;  // by trial, from record 1
  std::vector<std::int64_t> fails_at;       // the record that a trial fails before; 0: never
  std::vector<std::int64_t> done;           // records by trial
  std::set<std::size_t> failed;
  std::set<std::pair<std::size_t, std::size_t>> promotions;  // group, rung

  Simulation(std::size_t n, std::size_t r, std::int64_t records, std::int64_t asha_factor,
             unsigned seed, double failures = 0)
      : groups(n), replicates(r), length(records), factor(asha_factor) {
    std::mt19937 random(seed);
    // Few different values, so that there are ties.
    std::uniform_int_distribution<int> value(0, 9);
    std::uniform_real_distribution<double> part(0, 1);
    for (std::size_t i = 0; i < n * r; ++i) {
      curves.emplace_back();
      for (std::int64_t e = 0; e < length; ++e) curves.back().push_back(value(random));
      fails_at.push_back(part(random) < failures ? 1 + value(random) % length : 0);
      done.push_back(0);
    }
  }

  std::vector<Asha::Trial> trials() const {
    std::vector<Asha::Trial> all;
    for (std::size_t i = 0; i < groups * replicates; ++i) all.push_back({i / replicates, length});
    return all;
  }

  std::vector<std::int64_t> rungs() const {
    std::vector<std::int64_t> all;
    for (std::int64_t at = 1; at < length; at *= factor) all.push_back(at);
    all.push_back(length);
    return all;
  }

  bool group_failed(std::size_t group) const {
    for (std::size_t r = 0; r < replicates; ++r)
      if (failed.count(group * replicates + r) > 0) return true;
    return false;
  }

  /// All groups that have their values at a rung, and those that failed on the way to it, with what
  /// they rank by.
  std::vector<std::pair<double, std::size_t>> ranks(std::size_t rung) const {
    std::vector<std::pair<double, std::size_t>> all;
    for (std::size_t g = 0; g < groups; ++g) {
      if (rung > 0 && promotions.count({g, rung - 1}) == 0) continue;
      double sum = 0;
      bool whole = true;
      for (std::size_t r = 0; r < replicates; ++r) {
        const auto trial = g * replicates + r;
        whole &= done[trial] >= rungs()[rung];
        if (done[trial] >= rungs()[rung])
          sum += curves[trial][static_cast<std::size_t>(rungs()[rung]) - 1];
      }
      const bool ended_here = group_failed(g) && promotions.count({g, rung}) == 0;
      if (ended_here)
        all.emplace_back(std::numeric_limits<double>::infinity(), g);
      else if (whole)
        all.emplace_back(sum, g);
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  std::vector<std::size_t> best(std::size_t rung) const {
    auto all = ranks(rung);
    all.resize(all.size() / static_cast<std::size_t>(factor));
    std::vector<std::size_t> best;
    for (const auto& [value, group] : all)
      if (std::isfinite(value)) best.push_back(group);
    return best;
  }

  bool any_promotable() const {
    for (std::size_t rung = 0; rung + 1 < rungs().size(); ++rung)
      for (const auto group : best(rung))
        if (promotions.count({group, rung}) == 0 && !group_failed(group)) return true;
    return false;
  }

  /// Runs to the end, or for so many jobs; checks every decision.
  void run(Asha& asha, std::size_t workers, unsigned seed, std::size_t jobs = 1'000'000) {
    std::mt19937 random(seed);
    std::vector<TrialChoice> training;
    std::set<std::size_t> begun;
    for (std::size_t i = 0; i < done.size(); ++i)
      if (done[i] > 0) begun.insert(i / replicates);
    while (true) {
      while (training.size() < workers && jobs > 0) {
        const bool promotable = any_promotable();
        const auto job = asha.next();
        if (!job) break;
        --jobs;
        const auto group = job->trial / replicates;
        const auto all = rungs();
        const auto rung =
            static_cast<std::size_t>(std::find(all.begin(), all.end(), job->until) - all.begin());
        REQUIRE(rung < all.size());
        REQUIRE(done[job->trial] < job->until);
        if (rung == 0) {
          if (begun.insert(group).second) REQUIRE_FALSE(promotable);
        } else if (promotions.count({group, rung - 1}) == 0) {
          const auto candidates = best(rung - 1);
          REQUIRE(std::find(candidates.begin(), candidates.end(), group) != candidates.end());
          promotions.insert({group, rung - 1});
        }
        training.push_back(*job);
      }
      if (training.empty()) return;
      std::uniform_int_distribution<std::size_t> any(0, training.size() - 1);
      const auto which = training.begin() + static_cast<std::ptrdiff_t>(any(random));
      const auto job = *which;
      training.erase(which);
      train(asha, job);
    }
  }

  void train(Asha& asha, const TrialChoice& job) {
    const auto fails = fails_at[job.trial];
    for (auto e = done[job.trial] + 1; e <= job.until; ++e) {
      if (e == fails) {
        failed.insert(job.trial);
        asha.fail(job.trial);
        break;
      }
      done[job.trial] = e;
      asha.record(job.trial, e, curves[job.trial][static_cast<std::size_t>(e) - 1]);
    }
    if (done[job.trial] == length) asha.finish(job.trial);
    asha.put_back(job.trial);
  }

  /// What trial files hold, read anew.
  Asha from_files() const {
    Asha asha(1, factor, trials());
    for (std::size_t i = 0; i < done.size(); ++i) {
      for (std::int64_t e = 1; e <= done[i]; ++e)
        asha.record(i, e, curves[i][static_cast<std::size_t>(e) - 1]);
      if (failed.count(i) > 0) asha.fail(i);
      if (done[i] == length) asha.finish(i);
    }
    return asha;
  }
};

TEST_CASE("rungs stand at the least number of records times powers of the factor") {
  const Asha asha(2, 3, {{0, 18}, {1, 20}, {2, 2}, {3, 1}, {4, 1'000'000}});
  CHECK(asha.rungs(0) == std::vector<std::int64_t>{2, 6, 18});
  CHECK(asha.rungs(1) == std::vector<std::int64_t>{2, 6, 18, 20});
  CHECK(asha.rungs(2) == std::vector<std::int64_t>{2});
  CHECK(asha.rungs(3) == std::vector<std::int64_t>{1});
  CHECK(asha.rungs(4).back() == 1'000'000);
  CHECK(asha.rungs(4).size() == 13);
  const Asha most(1'000'000, 1000, {{0, 1'000'000'000}, {1, 999'999'999}});
  CHECK(most.rungs(0) == std::vector<std::int64_t>{1'000'000, 1'000'000'000});
  CHECK(most.rungs(1) == std::vector<std::int64_t>{1'000'000, 999'999'999});
}

TEST_CASE("one worker trains the settings in order and promotes the best third") {
  // Values fall with the number of the group, so that each new one is the best so far.
  Asha asha(1, 3, {{0, 9}, {1, 9}, {2, 9}, {3, 9}});
  const auto train = [&](const TrialChoice& job) {
    for (auto e = asha.records(job.trial) + 1; e <= job.until; ++e)
      asha.record(job.trial, e, 10 - static_cast<double>(job.trial));
    asha.put_back(job.trial);
  };
  std::vector<TrialChoice> jobs;
  while (const auto job = asha.next()) {
    jobs.push_back(*job);
    train(*job);
  }
  // Three groups make one promotion; a fourth one that is better is promoted as well.
  const std::vector<TrialChoice> expected{{0, 1}, {1, 1}, {2, 1}, {2, 3}, {3, 1}, {3, 3}};
  CHECK((jobs == expected));
  CHECK(asha.state(0) == Asha::State::stopped);
  CHECK(asha.state(2) == Asha::State::stopped);
}

TEST_CASE(
    "every decision agrees with brute force, and the best of each rung are promoted at last") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    const std::int64_t factor = 2 + seed % 3;
    Simulation simulation(5 + seed % 23, 1 + seed % 3, 9 + seed % 5, factor, seed,
                          seed % 4 == 3 ? 0.15 : 0);
    Asha asha(1, simulation.factor, simulation.trials());
    simulation.run(asha, 1 + seed % 5, seed);
    CHECK_FALSE(simulation.any_promotable());
    for (std::size_t rung = 0; rung + 1 < simulation.rungs().size(); ++rung) {
      const auto n = simulation.ranks(rung).size();
      CHECK(asha.reached(rung).size() == n);
      const auto promoted = asha.promoted(rung);
      const auto best = simulation.best(rung);
      for (const auto group : best)
        if (!simulation.group_failed(group))
          CHECK(std::find(promoted.begin(), promoted.end(), group) != promoted.end());
      if (seed % 4 != 3) CHECK(promoted.size() >= n / static_cast<std::size_t>(factor));
    }
    CHECK(asha.reached(0).size() == simulation.groups);
  }
}

TEST_CASE("where the first of each rung stay the best, exactly floor(n / factor) are promoted") {
  Simulation simulation(20, 2, 27, 3, 1);
  for (std::size_t i = 0; i < simulation.curves.size(); ++i)
    simulation.curves[i].assign(27, static_cast<double>(i / 2));
  Asha asha(1, simulation.factor, simulation.trials());
  simulation.run(asha, 4, 1);
  CHECK(asha.promoted(0) == std::vector<std::size_t>{0, 1, 2, 3, 4, 5});
  CHECK(asha.promoted(1) == std::vector<std::size_t>{0, 1});
  CHECK(asha.promoted(2).empty());
}

TEST_CASE("what trial files hold decides: a run that goes on comes to a valid end") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    Simulation simulation(6 + seed % 15, 1 + seed % 2, 9, 3, seed, seed % 4 == 3 ? 0.2 : 0);
    Asha first(1, simulation.factor, simulation.trials());
    simulation.run(first, 3, seed, 3 + seed % 20);
    auto second = simulation.from_files();
    simulation.run(second, 2, seed);
    CHECK_FALSE(simulation.any_promotable());
    // Read once more: nothing to do, and the same states.
    auto third = simulation.from_files();
    CHECK_FALSE(third.next().has_value());
    for (std::size_t i = 0; i < simulation.done.size(); ++i)
      CHECK(third.state(i) == second.state(i));
  }
}

TEST_CASE("a group is ranked once all its replicates are there") {
  Asha asha(1, 2, {{0, 4}, {0, 4}, {1, 4}, {1, 4}});
  asha.record(0, 1, 1);
  asha.record(1, 1, 3);
  asha.record(2, 1, 1);
  CHECK(asha.reached(0) == std::vector<std::size_t>{0});
  CHECK((asha.next() == TrialChoice{3, 1}));
  asha.record(3, 1, 2);
  asha.put_back(3);
  CHECK((asha.next() == TrialChoice{2, 2}));  // the mean 1.5 is below 2
  CHECK((asha.next() == TrialChoice{3, 2}));
  CHECK_FALSE(asha.next().has_value());
}

TEST_CASE("a failed replicate makes the group rank last, and its other replicates are dropped") {
  Asha asha(1, 2, {{0, 4}, {0, 4}, {1, 4}, {1, 4}});
  CHECK((asha.next() == TrialChoice{0, 1}));
  asha.fail(0);
  asha.put_back(0);
  CHECK(asha.state(0) == Asha::State::failed);
  CHECK(asha.state(1) == Asha::State::dropped);
  for (const std::size_t trial : {2, 3}) asha.record(trial, 1, 1e9);
  CHECK(asha.promoted(0).empty());
  CHECK((asha.next() == TrialChoice{2, 2}));
}

TEST_CASE("a value that is not a number ranks last") {
  Asha asha(1, 2, {{0, 2}, {1, 2}});
  asha.record(0, 1, std::nan(""));
  asha.record(1, 1, -5);
  CHECK((asha.next() == TrialChoice{1, 2}));
}

TEST_CASE("equal values rank in the order of the plan") {
  Asha asha(1, 3, {{0, 3}, {1, 3}, {2, 3}});
  for (const std::size_t trial : {2, 1, 0}) asha.record(trial, 1, 7);
  CHECK((asha.next() == TrialChoice{0, 3}));
}

TEST_CASE("a trial in other hands is not offered") {
  Asha asha(1, 3, {{0, 3}, {1, 3}});
  asha.take_out(0);
  CHECK((asha.next() == TrialChoice{1, 1}));
  CHECK_FALSE(asha.next().has_value());
  asha.put_back(0);
  CHECK((asha.next() == TrialChoice{0, 1}));
}

TEST_CASE("a trial that has all records and was not published is finished") {
  Asha asha(1, 3, {{0, 3}, {1, 3}});
  for (std::int64_t e = 1; e <= 3; ++e) asha.record(0, e, 1);
  CHECK(asha.state(0) == Asha::State::waiting);
  CHECK((asha.next() == TrialChoice{0, 3}));
  asha.finish(0);
  asha.put_back(0);
  CHECK(asha.state(0) == Asha::State::whole);
  CHECK((asha.next() == TrialChoice{1, 1}));
}

TEST_CASE("a trial that ended early counts at every rung by its last value") {
  // Rungs at 1, 3 and 9; the first trial ends after 2 records with the best value.
  Asha asha(1, 3, {{0, 9}, {1, 9}, {2, 9}});
  const std::vector<double> first = {3, 2, 1};  // less is better
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK((asha.next() == TrialChoice{i, 1}));
    asha.record(i, 1, first[i]);
    asha.put_back(i);
  }
  // The last one is the best third; it ends of its own accord on the way to the next rung.
  CHECK((asha.next() == TrialChoice{2, 3}));
  asha.record(2, 2, 0.5);
  asha.finish(2);
  asha.put_back(2);
  CHECK(asha.state(2) == Asha::State::whole);
  CHECK(asha.records(2) == 2);
  CHECK((asha.reached(1) == std::vector<std::size_t>{2}));
  // It is not trained on, and no other trial takes its place.
  CHECK_FALSE(asha.next().has_value());
  CHECK(asha.state(0) == Asha::State::stopped);
}

}  // namespace
}  // namespace varia::sweep
