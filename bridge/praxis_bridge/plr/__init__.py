"""The workcell as live PyLabRobot objects, and the boundary around its backends."""
