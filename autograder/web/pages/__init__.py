"""What people see in the browser: the student's pages and the staff's."""
