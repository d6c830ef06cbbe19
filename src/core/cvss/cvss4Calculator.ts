/** The calculator of CVSS 4.0 in a file of its own, since it is larger than all else that reads a report, and few need it. */
export { Cvss4P0 } from 'ae-cvss-calculator';
