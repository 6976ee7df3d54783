#include "fixed_schedule.hpp"

VARIA_PLUGIN("throws_a_number", "1.0.0") {
  registry.add<FixedSchedule>("half_done", "Must not stay.");
  throw 42;
}
