#include <stdexcept>

#include "fixed_schedule.hpp"

VARIA_PLUGIN("throws", "1.0.0") {
  registry.add<FixedSchedule>("half_done", "Must not stay.");
  throw std::runtime_error("the table of constants is missing");
}
