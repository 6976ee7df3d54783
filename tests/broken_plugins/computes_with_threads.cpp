#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include "fixed_schedule.hpp"

VARIA_PLUGIN("computes_with_threads", "1.0.0") {
  at::set_num_threads(2);
  at::parallel_for(0, 1 << 20, 1, [](std::int64_t, std::int64_t) {});
  registry.add<FixedSchedule>("computed", "One value for ever (this test).");
}
