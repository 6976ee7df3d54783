#include "cluster/slurm.hpp"

#include "support/catch.hpp"

using namespace varia::cluster;

TEST_CASE("MaxArraySize is found in what scontrol prints") {
  const std::string config =
      "Configuration data as of 2026-11-22T05:40:15\n"
      "MaxArrayTasks           = 7\n"
      "MaxArraySize            = 4001\n"
      "MaxDBDMsgs              = 20012\n";
  CHECK(parse_max_array_size(config) == 4001);
  CHECK_FALSE(parse_max_array_size("MaxArraySize = (null)\n"));
  CHECK_FALSE(parse_max_array_size("MaxArraySize            = 0\n"));
  CHECK_FALSE(parse_max_array_size(""));
}

TEST_CASE("lines of squeue tell which tasks wait and which run") {
  const auto jobs = parse_queue(
      "5|0|RUNNING\n5|1|PENDING\n5|2|COMPLETING\n6|N/A|PENDING\nslurm_load_jobs error: no\n"
      "5|3|CONFIGURING\n5|x|\n|1|RUNNING\n5|99999999999999999999|RUNNING\n");
  REQUIRE(jobs.size() == 6);
  CHECK(jobs[0].id == "5");
  CHECK(jobs[0].task == 0);
  CHECK(jobs[0].runs);
  CHECK_FALSE(jobs[1].runs);
  CHECK(jobs[2].runs);
  CHECK(jobs[3].id == "6");
  CHECK_FALSE(jobs[3].task);
  CHECK_FALSE(jobs[4].runs);
  CHECK_FALSE(jobs[5].task);
}
