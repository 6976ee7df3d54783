#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "varia/parameters.hpp"

namespace varia::experiment {

/// What a job asks of Slurm: the keys that tasks and the merge have in common.
struct JobParams : ParamSet {
  Text partition{this, "partition", kUnset, "The partition; unset: the site's default."};
  Text account{this, "account", kUnset, "The account that the time is charged to."};
  Text time;
  Text memory{this, "memory", kUnset,
              "Memory of the job, such as 4G; in MB without a unit. Unset: the partition's."};
  Text constraint{
      this, "constraint", kUnset,
      "Features that a node must have; naming a CPU model keeps results bit-identical."};
  TextList extra{this,
                 "extra",
                 {},
                 R"(More options of sbatch, in their long form: ["--qos=long", "--gres=gpu:1"].)"};

  /// Seconds of `time`; 0 if it is unset.
  std::int64_t seconds() const;

 protected:
  /// @param time the default; nullopt: unset
  explicit JobParams(const std::optional<std::string>& time = std::nullopt);
  void check() const override;
};

/// `cluster.merge:` what the job asks for that merges the results. None of it is taken from the
/// tasks but the account: it needs no GPU, and has one CPU.
struct MergeJobParams final : JobParams {
  MergeJobParams() : JobParams("30") {}
};

/// `cluster:` how `varia submit` sends trials to Slurm; never part of what a trial is. A profile in
/// clusters.yaml has the same keys.
struct ClusterParams final : JobParams {
  Text profile{
      this, "profile", kUnset,
      "A profile of ~/.config/varia/clusters.yaml; unset: the one that its default names."};
  Integer cpus_per_task{this, "cpus_per_task", 1, {1, 4096}, "CPUs of a task."};
  Integer jobs{this,
               "jobs",
               kUnset,
               {1, 4096},
               "Trials that a task runs at one time; unset: its CPUs divided by train.threads."};
  Integer trials_per_task{
      this,
      "trials_per_task",
      kUnset,
      {1, 1'000'000},
      "Trials of a task; unset: as many as it runs at one time. Sites want jobs "
      "of hours and not of seconds."};
  Integer limit{this,
                "limit",
                kUnset,
                {1, 1'000'000},
                "Tasks that run at one time; unset: as many as the site lets."};
  Integer signal_before{this,
                        "signal_before",
                        120,
                        {10, 65'535},
                        "Seconds before the end of the wall time at which a task writes its "
                        "checkpoints and goes back into the queue."};
  Integer requeues{this,
                   "requeues",
                   100,
                   {0, 10'000},
                   "How often a task goes back into the queue before it ends with exit code 75."};
  TextList setup{
      this, "setup", {}, "Lines of bash that each job runs first, such as \"module load gcc\"."};
  TextList container{
      this, "container", {}, "Words put before every call of varia: [apptainer, exec, varia.sif]."};
  Record<MergeJobParams> merge{this, "merge",
                               "What the job that merges asks for; unset keys: the site's "
                               "defaults, and the account of the tasks."};

 protected:
  void check() const override;
};

}  // namespace varia::experiment
