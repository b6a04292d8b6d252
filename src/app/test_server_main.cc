#include "app/command_line.h"
#include "app/test_controls.h"

int main(int argc, char** argv) {
  segue::app::TestControls controls;
  const auto seams = controls.seams();
  return segue::app::run_command_line(argc, argv, seams);
}
